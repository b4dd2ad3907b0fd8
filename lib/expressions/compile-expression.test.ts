import { describe, expect, it } from 'vitest';
import { checkExpression } from './check-expression.ts';
import type { Want } from './checked-expression.ts';
import { compileExpression, type Row } from './compile-expression.ts';
import type { Fields } from './field-types.ts';

const FIELDS: Fields = {
  amount: { type: 'decimal', scale: 2, class: 'financial' },
  quantity: { type: 'int', class: 'internal' },
  weight: { type: 'double', class: 'internal' },
  status: { type: 'string', class: 'internal' },
  gift: { type: 'bool', class: 'internal' },
};

function evaluate(source: string, row: Row, want: Want = 'any') {
  const checked = checkExpression(source, FIELDS, want);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return compileExpression(checked).evaluate(row);
}

describe('compileExpression', () => {
  it('[EX3] truncates int division, keeps the sign of the dividend, and knows one zero', () => {
    expect(evaluate('quantity / 2', { quantity: -7 })).toBe(-3);
    expect(evaluate('quantity % 2', { quantity: -7 })).toBe(-1);
    expect(evaluate('quantity * -1', { quantity: 0 })).toBe(0);
    expect(evaluate('quantity / 5', { quantity: -1 })).toBe(0);
  });

  it('[EX3] is exact beyond 2^53 and fails past 64 bits', () => {
    expect(evaluate('quantity + 1', { quantity: 2 ** 53 - 1 })).toBe(2n ** 53n);
    expect(evaluate('quantity - 2', { quantity: 2n ** 53n })).toBe(2 ** 53 - 2);
    expect(evaluate('quantity == 9007199254740993', { quantity: 9007199254740993n })).toBe(true);
    expect(evaluate('quantity == 9007199254740992.0', { quantity: 9007199254740993n })).toBe(false);
    expect(() => evaluate('quantity + 1', { quantity: 2n ** 63n - 1n })).toThrow(
      'the integer does not fit 64 bits',
    );
    expect(() => evaluate('quantity / 0', { quantity: 1 })).toThrow('an integer is divided by 0');
  });

  it('[EX3] divides doubles as IEEE does, and refuses what is not finite where a number is wanted', () => {
    expect(evaluate('weight / 0.0', { weight: 1 })).toBe(Infinity);
    expect(() => evaluate('weight / 0.0', { weight: 1 }, 'number')).toThrow(
      'the number is not finite',
    );
  });

  it('[EX4] takes null as equal to null alone, and a missing field as null', () => {
    expect(evaluate('status == null', {})).toBe(true);
    expect(evaluate("status != 'paid'", { status: null })).toBe(true);
    expect(evaluate("status in ['paid', 'sent']", { status: null })).toBe(false);
    expect(evaluate('has(status)', { status: '' })).toBe(true);
    expect(evaluate('has(status)', {})).toBe(false);
  });

  it.each([
    ['amount > 1', '`amount` is null'],
    ['amount + 1', '`amount` is null'],
    ['-quantity == 0', '`quantity` is null'],
    ["status.startsWith('a')", '`status` is null'],
    ['!gift', '`gift` is null'],
    ['gift ? 1 : 2', '`gift` is null'],
    ['(true ? amount : null) > 0', '`true ? amount : null` is null'],
    ['int(status) == 1', '`status` is null'],
  ])('[EX5] %s has no value for a null, and says what was null', (source, message) => {
    expect(() => evaluate(source, {})).toThrow(message);
  });

  it('[EX5] a condition is never null, a number may be', () => {
    expect(() => evaluate('gift', {}, 'bool')).toThrow('`gift` is null');
    expect(evaluate("status == 'paid' ? amount : null", { amount: 3 }, 'number')).toBeNull();
  });

  it('[EX5] absorbs an error beside a side that decides, on either side', () => {
    const row = { status: 'a' };
    expect(evaluate("amount > 1 && status == 'b'", row)).toBe(false);
    expect(evaluate("status == 'b' && amount > 1", row)).toBe(false);
    expect(evaluate("amount > 1 || status == 'a'", row)).toBe(true);
    expect(evaluate('amount > 1 || weight > 1', { weight: 2 })).toBe(true);
    expect(evaluate('amount > 1 && weight > 1', { weight: 0 })).toBe(false);
    expect(() => evaluate("amount > 1 && status == 'a'", row)).toThrow('`amount` is null');
    expect(() => evaluate('amount > 1 || weight > 1', { weight: 0 })).toThrow('`amount` is null');
  });

  it('[EX3] counts characters as CEL does and converts texts strictly', () => {
    expect(evaluate('size(status)', { status: 'ä😀' })).toBe(2);
    expect(evaluate('int(status)', { status: '-12' })).toBe(-12);
    expect(evaluate('double(status)', { status: '1.5e3' })).toBe(1500);
    expect(() => evaluate('int(status)', { status: '0x10' })).toThrow('no integer');
    expect(() => evaluate('double(status)', { status: ' 1' })).toThrow('no number');
  });

  it('[EX6] reads the declared fields it names and nothing else', () => {
    const touched = new Set<PropertyKey>();
    const row = new Proxy({}, { get: (_, key) => (touched.add(key), null) });
    expect(evaluate("status == 'a' || gift == true", row)).toBe(false);
    expect([...touched].sort()).toStrictEqual(['gift', 'status']);
  });

  it('[EX6] carries texts as data, whatever they hold', () => {
    const hostile = '"); throw new Error("ran"); ("\u2028`${1}\\';
    const checked = checkExpression(`status == ${JSON.stringify(hostile)}`, FIELDS, 'bool');
    if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
    expect(compileExpression(checked).evaluate({ status: hostile })).toBe(true);
  });
});
