import type { MetricNumber } from '#lib/contracts/metric-record.ts';
import { divideHalfEven, formatUnits } from '#lib/engine/decimal.ts';
import { addExact, roundedSum } from '#lib/engine/exact-sum.ts';

/** Extra decimals an average of integers or decimals gets beyond its field's scale, rounded half to even (EN4). */
export const AVERAGE_EXTRA_SCALE = 4;

/** What a measure adds: exact units of 10^-scale, or doubles. */
export type Numeric =
  { readonly kind: 'units'; readonly scale: number } | { readonly kind: 'double' };

/** JSON form of one measure's state in the checkpoint. */
export type MeasureJson = readonly unknown[];

export interface MeasureValue {
  readonly value: MetricNumber;
  readonly reason: string | null;
  readonly parts: Readonly<Record<string, MetricNumber>>;
}

/** State of one measure in one cell; doubles that reach it are finite. Adding commutes, so the value depends on which records came and not on their order. */
export interface MeasureState {
  /** One record's argument; null (an absent field) adds nothing (MS2). */
  add(value: number | bigint | null): void;
  value(): MeasureValue;
  json(): MeasureJson;
}

/** Sum of safe integers and bigints: numbers while they are safe, spilling into a bigint. */
class UnitSum {
  #low: number;
  #high: bigint;
  constructor(text = '0') {
    this.#low = 0;
    this.#high = BigInt(text);
  }
  add(units: number | bigint): void {
    if (typeof units === 'bigint') {
      this.#high += units;
      return;
    }
    const sum = this.#low + units;
    if (Number.isSafeInteger(sum)) {
      this.#low = sum;
    } else {
      this.#high += BigInt(this.#low) + BigInt(units);
      this.#low = 0;
    }
  }
  total(): bigint {
    return this.#high + BigInt(this.#low);
  }
}

/** Counts records whose condition held; the caller adds 1 for each. */
export function countState(json: MeasureJson = [0]): MeasureState {
  let count = Number(json[0]);
  return {
    add: (value) => {
      if (value !== null) count += 1;
    },
    value: () => ({ value: count, reason: null, parts: { count } }),
    json: () => [count],
  };
}

/** Sum and average share their parts; both ignore null. A sum over no number is 0, an average null with its reason. */
export function sumState(numeric: Numeric, form: 'sum' | 'avg', json?: MeasureJson): MeasureState {
  let count = Number(json?.[0] ?? 0);
  if (numeric.kind === 'units') {
    const sum = new UnitSum(typeof json?.[1] === 'string' ? json[1] : '0');
    return {
      add: (value) => {
        if (value === null) return;
        count += 1;
        sum.add(value);
      },
      value: () => {
        const total = sum.total();
        const text = formatUnits(total, numeric.scale);
        const parts = { sum: text, count };
        if (form === 'sum') return { value: text, reason: null, parts };
        if (count === 0) return { value: null, reason: 'no number to average', parts };
        const extra = 10n ** BigInt(AVERAGE_EXTRA_SCALE);
        const units = divideHalfEven(total * extra, BigInt(count));
        return {
          value: formatUnits(units, numeric.scale + AVERAGE_EXTRA_SCALE),
          reason: null,
          parts,
        };
      },
      json: () => [count, sum.total().toString()],
    };
  }
  const parts = Array.isArray(json?.[1]) ? (json[1] as number[]).slice() : [];
  return {
    add: (value) => {
      if (value === null) return;
      count += 1;
      addExact(parts, Number(value));
    },
    value: () => {
      const sum = roundedSum(parts);
      if (!Number.isFinite(sum))
        return { value: null, reason: 'the sum is too large', parts: { count } };
      if (form === 'sum') return { value: sum, reason: null, parts: { sum, count } };
      if (count === 0)
        return { value: null, reason: 'no number to average', parts: { sum, count } };
      return { value: sum / count, reason: null, parts: { sum, count } };
    },
    json: () => [count, [...parts]],
  };
}

/** Smallest or largest number seen; null with its reason when none was. */
export function extremeState(
  numeric: Numeric,
  form: 'min' | 'max',
  json?: MeasureJson,
): MeasureState {
  const stored = json?.[0];
  let best: number | bigint | null =
    typeof stored === 'string' ? BigInt(stored) : typeof stored === 'number' ? stored : null;
  return {
    add: (value) => {
      if (value === null) return;
      // JavaScript compares a bigint with a number exactly.
      if (best === null || (form === 'min' ? value < best : value > best)) best = value;
    },
    value: () => {
      if (best === null) return { value: null, reason: 'no number yet', parts: {} };
      const value =
        numeric.kind === 'units' ? formatUnits(BigInt(best), numeric.scale) : Number(best) + 0;
      return { value, reason: null, parts: { [form]: value } };
    },
    json: () => [typeof best === 'bigint' ? best.toString() : best],
  };
}

/** The quotient of two values as a double; null when the divisor is 0 or one side has no number (SEMANTICS 2.10). */
export function ratioValue(of: MeasureValue, to: MeasureValue): MeasureValue {
  const parts = { of: of.value, to: to.value };
  if (of.value === null || to.value === null) {
    return { value: null, reason: of.reason ?? to.reason ?? 'no number yet', parts };
  }
  const divisor = Number(to.value);
  if (divisor === 0) return { value: null, reason: 'nothing to divide by: the whole is 0', parts };
  return { value: Number(of.value) / divisor + 0, reason: null, parts };
}
