/**
 * Sum of doubles as an exact expansion (Shewchuk 1997, "Adaptive Precision Floating-Point Arithmetic", GROW-EXPANSION): the
 * parts never overlap, so the rounded result is the same in every order of adding (EN3).
 */
export type Expansion = number[];

/** Adds a finite number to `parts`, in place. Cost: the number of parts, which stays below 40 for doubles. */
export function addExact(parts: Expansion, value: number): void {
  let x = value;
  let kept = 0;
  for (let i = 0; i < parts.length; i += 1) {
    let y = parts[i] ?? 0;
    if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
    const high = x + y;
    const low = y - (high - x);
    if (low !== 0) parts[kept++] = low;
    x = high;
  }
  parts.length = kept;
  parts.push(x);
}

/** The sum rounded once, half to even (the final correction of CPython's math.fsum). Empty is 0; may be ±Infinity on overflow. */
export function roundedSum(parts: Expansion): number {
  let n = parts.length;
  if (n === 0) return 0;
  let high = parts[--n] ?? 0;
  let low = 0;
  while (n > 0) {
    const x = high;
    const y = parts[--n] ?? 0;
    high = x + y;
    low = y - (high - x);
    if (low !== 0) break;
  }
  const next = n > 0 ? (parts[n - 1] ?? 0) : 0;
  if (n > 0 && ((low < 0 && next < 0) || (low > 0 && next > 0))) {
    const twice = low * 2;
    const rounded = high + twice;
    if (twice === rounded - high) high = rounded;
  }
  return high === 0 ? 0 : high;
}
