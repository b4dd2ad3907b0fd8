import type { MetricNumber } from '#lib/contracts/metric-record.ts';
import { formatUnits, unitsOf } from '#lib/engine/decimal.ts';

/** Decimals kept while adding; a definition allows at most 18. */
const SCALE = 18;

const textOf = (value: string | number): string => String(value);

/**
 * Sum of values of one window, exact where all are decimals or whole numbers (as a string), else the sum of doubles. Null when
 * one of them is null: a total with a hole in it is not a total (UI4).
 */
export function exactTotal(values: readonly MetricNumber[]): MetricNumber {
  let units = 0n;
  let double = 0;
  let exact = true;
  for (const value of values) {
    if (value === null) return null;
    double += Number(value);
    const add = exact ? unitsOf(textOf(value), SCALE) : null;
    if (add === null) exact = false;
    else units += add;
  }
  if (!exact) return double;
  const text = formatUnits(units, SCALE).replace(/\.?0+$/, '');
  return values.every((value) => typeof value === 'number') && Number.isSafeInteger(double)
    ? double
    : text;
}
