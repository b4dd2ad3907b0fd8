import type { FieldSpec } from '#lib/definitions/schema.ts';
import { fastUnits, formatUnits, unitsOf } from '#lib/engine/decimal.ts';
import { Digits, InvalidRecord, NeedsDigits } from '#lib/engine/invalid-record.ts';

export type FieldValue = string | number | bigint | boolean | null;
type Raw = Readonly<Record<string, unknown>>;

const INT = /^-?\d{1,19}$/;
const INT64_MAX = 9_223_372_036_854_775_807n;

/** The raw JSON value of a field; absent and null are the same (EN1). Own properties only. */
export const rawField = (raw: Raw, name: string): unknown =>
  Object.hasOwn(raw, name) ? (raw[name] ?? null) : null;

/** Value of a declared field as expressions and dimensions see it (EN1). Throws InvalidRecord or NeedsDigits. */
export function fieldValue(raw: Raw, name: string, spec: FieldSpec): FieldValue {
  const value = rawField(raw, name);
  if (value === null) return null;
  switch (spec.type) {
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    case 'double': {
      const number = value instanceof Digits ? Number(value.text) : value;
      if (typeof number === 'number' && Number.isFinite(number)) return number;
      break;
    }
    case 'int':
      return intValue(value, name);
    case 'decimal': {
      const units = decimalUnits(value, name, spec.scale);
      return Number(formatUnits(BigInt(units), spec.scale));
    }
  }
  throw new InvalidRecord(`field \`${name}\` is not a ${spec.type}`);
}

function intValue(value: unknown, name: string): number | bigint {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value;
    if (Number.isInteger(value)) throw new NeedsDigits(name);
  }
  const text = value instanceof Digits ? value.text : value;
  if (typeof text === 'string') {
    const units = INT.test(text) ? BigInt(text) : value instanceof Digits ? unitsOf(text, 0) : null;
    if (units !== null && units <= INT64_MAX && units >= -INT64_MAX - 1n) {
      return Number.isSafeInteger(Number(units)) ? Number(units) : units;
    }
  }
  throw new InvalidRecord(`field \`${name}\` is not a 64-bit integer`);
}

/**
 * Exact units of an int or decimal field's raw value: a safe integer where possible, else a bigint (EN2). JSON strings
 * are accepted as well as numbers, because that is how exact decimals travel.
 */
export function decimalUnits(value: unknown, name: string, scale: number): number | bigint {
  if (typeof value === 'number') {
    const fast = fastUnits(value, scale);
    if (fast !== null) return fast;
    if (Number.isFinite(value)) throw new NeedsDigits(name);
  }
  const text = value instanceof Digits ? value.text : value;
  const units = typeof text === 'string' ? unitsOf(text, scale) : null;
  if (units === null) {
    throw new InvalidRecord(
      `field \`${name}\` is not a decimal with at most ${String(scale)} decimals`,
    );
  }
  const number = Number(units);
  return Number.isSafeInteger(number) ? number : units;
}
