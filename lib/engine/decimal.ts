const TEXT = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;
/** Digits beyond this are refused: no business number needs them, and work per record stays bounded. */
const MAX_DIGITS = 60;

/**
 * Units of a decimal text at `scale`, or null when the text is not a number or needs more decimals than `scale` (EN2: a value
 * is never rounded on the way in).
 */
export function unitsOf(text: string, scale: number): bigint | null {
  const match = TEXT.exec(text);
  if (!match) return null;
  const [, sign, whole = '', fraction = '', exponentText] = match;
  const shift = scale - fraction.length + Number(exponentText ?? 0);
  const digits = whole + fraction;
  if (digits.length + Math.abs(shift) > MAX_DIGITS) return null;
  if (shift >= 0) return BigInt(`${sign ?? ''}${digits}${'0'.repeat(shift)}`);
  const cut = digits.length + shift;
  const kept = cut > 0 ? digits.slice(0, cut) : '0';
  if (/[1-9]/.test(cut > 0 ? digits.slice(cut) : digits)) return null;
  return BigInt(`${sign ?? ''}${kept}`);
}

const POW10 = Array.from({ length: 19 }, (_, scale) => 10 ** scale);

/**
 * The same for a JSON number, as a safe integer number of units, or null when it has to go the slow way. A double that
 * equals the double nearest to units / 10^scale is what that decimal text parses to, so nothing is guessed.
 */
export function fastUnits(value: number, scale: number): number | null {
  const power = POW10[scale] ?? 10 ** scale;
  const units = Math.round(value * power);
  return Number.isSafeInteger(units) && units / power === value ? units : null;
}

/** Plain notation with exactly `scale` decimals. */
export function formatUnits(units: bigint, scale: number): string {
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const text = scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}`;
  return negative ? `-${text}` : text;
}

/** units / divisor, rounded half to even. `divisor` is positive. */
export function divideHalfEven(units: bigint, divisor: bigint): bigint {
  const quotient = units / divisor;
  const rest = units % divisor;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  const up = twice > divisor || (twice === divisor && quotient % 2n !== 0n);
  if (!up) return quotient;
  return units < 0n ? quotient - 1n : quotient + 1n;
}
