/** Window start and canonical dims out of a value's key `metric|version|start|dims`; null for any other key. Dims may contain `|`. */
export function splitValueKey(
  key: string,
): { readonly start: number; readonly dims: string } | null {
  const first = key.indexOf('|');
  const second = key.indexOf('|', first + 1);
  const third = key.indexOf('|', second + 1);
  if (first < 0 || second < 0 || third < 0) return null;
  const start = Number(key.slice(second + 1, third));
  return Number.isSafeInteger(start) ? { start, dims: key.slice(third + 1) } : null;
}
