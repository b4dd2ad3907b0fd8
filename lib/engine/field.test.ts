import { expect, test } from 'vitest';
import { decimalUnits, fieldValue, rawField } from '#lib/engine/field.ts';
import { InvalidRecord, NeedsDigits, parseKeepingDigits } from '#lib/engine/invalid-record.ts';
import { maskPayload } from '#lib/engine/mask.ts';

const int = { type: 'int', class: 'internal' } as const;

test('[EN1] an absent field and null are the same, and only own fields count', () => {
  expect(fieldValue({}, 'a', int)).toBeNull();
  expect(fieldValue({ a: null }, 'a', int)).toBeNull();
  expect(rawField({}, 'toString')).toBeNull();
});

test('[EN1] a value of another type is refused with the field named', () => {
  expect(() => fieldValue({ a: 'x' }, 'a', { type: 'bool', class: 'internal' })).toThrow(
    '`a` is not a bool',
  );
  expect(() => fieldValue({ a: 1.5 }, 'a', int)).toThrow(InvalidRecord);
  expect(() => fieldValue({ a: '9223372036854775808' }, 'a', int)).toThrow(InvalidRecord);
});

test('[EN2] 64-bit integers and long decimals keep every digit', () => {
  const text = '{"id":9007199254740993,"amount":12345678901234567.89}';
  const raw = JSON.parse(text) as Record<string, unknown>;
  expect(() => fieldValue(raw, 'id', int)).toThrow(NeedsDigits);
  expect(() => decimalUnits(raw['amount'], 'amount', 2)).toThrow(NeedsDigits);
  const digits = parseKeepingDigits(text) as Record<string, unknown>;
  expect(fieldValue(digits, 'id', int)).toBe(9_007_199_254_740_993n);
  expect(decimalUnits(digits['amount'], 'amount', 2)).toBe(1_234_567_890_123_456_789n);
});

test('[AC4] what is kept aside shows public and internal fields only', () => {
  const fields = {
    a: int,
    b: { type: 'string', class: 'personal' },
    c: { type: 'string', class: 'public' },
  } as const;
  expect(maskPayload({ a: 1, b: 'me', c: 'ok', other: 'x' }, fields)).toEqual({
    a: 1,
    b: '•••',
    c: 'ok',
    other: '•••',
  });
});
