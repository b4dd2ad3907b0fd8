import { describe, expect, it } from 'vitest';
import { checkExpression } from './check-expression.ts';
import type { Want } from './checked-expression.ts';
import type { Fields } from './field-types.ts';

const FIELDS: Fields = {
  amount: { type: 'decimal', scale: 2, class: 'financial' },
  quantity: { type: 'int', class: 'internal' },
  weight: { type: 'double', class: 'internal' },
  status: { type: 'string', class: 'internal' },
  channel: { type: 'string', class: 'internal' },
  gift: { type: 'bool', class: 'internal' },
};

const problemsOf = (source: string, want: Want = 'any') => {
  const checked = checkExpression(source, FIELDS, want);
  return checked.ok
    ? []
    : checked.problems.map((p) => ({
        at: source.slice(p.start, p.end),
        message: p.message,
        fix: p.fix,
      }));
};
const accepted = (source: string, want: Want = 'any') => {
  const checked = checkExpression(source, FIELDS, want);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked;
};

describe('checkExpression', () => {
  it('[EX1] names an unknown field, its place and the nearest known one', () => {
    expect(problemsOf('amout > 3')).toStrictEqual([
      { at: 'amout', message: 'unknown field `amout`', fix: 'did you mean `amount`?' },
    ]);
  });

  it('[EX1] reports every problem of one expression, in the order of the source', () => {
    expect(problemsOf("sttus == 'a' && quantiy > 1").map((p) => p.fix)).toStrictEqual([
      'did you mean `status`?',
      'did you mean `quantity`?',
    ]);
  });

  it('[EX1] lists the fields when none is near', () => {
    expect(problemsOf('zebra == 1')[0]?.fix).toBe(
      'known: amount, quantity, weight, status, channel, gift',
    );
  });

  it.each([
    ['status == 3', 'status == 3', '`==` cannot take a string and an int'],
    ['status > 3', 'status > 3', '`>` cannot take a string and an int'],
    ['status && true', 'status && true', '`&&` needs conditions on both sides, found a string'],
    ['quantity + status', 'quantity + status', '`+` cannot take an int and a string'],
    ['weight % 2', 'weight % 2', '`%` needs two ints'],
    ['!quantity', '!quantity', '`!` needs a condition, found an int'],
    ['channel in [1]', 'channel in [1]', '`in` cannot take a string and an int'],
    ['channel in status', 'status', '`in` needs a list'],
    ['amount > null', 'amount > null', '`>` cannot take a double and null'],
    ["status.matches('a+')", "status.matches('a+')", '`matches` is not available'],
    ["['a']", "['a']", 'a list may only stand after `in`'],
    ["{'a': 1}", "{'a': 1}", 'maps are not available'],
    ['status.size', 'status.size', 'a field holds one value: nothing can be taken out of it'],
    ['startsWith(status)', 'startsWith(status)', '`startsWith` is written differently'],
    ['size(quantity)', 'quantity', '`size` cannot take an int'],
    ['has(1)', 'has(1)', '`has` takes one field'],
    ['1u', '1u', 'only texts, numbers, true, false and null are available'],
    ['9223372036854775808', '9223372036854775808', 'the number does not fit 64 bits'],
    ['length(status)', 'length(status)', 'unknown function `length`'],
  ])('[EX1] refuses %s and says why', (source, at, message) => {
    expect(problemsOf(source)).toMatchObject([{ at, message }]);
  });

  it.each([
    ["status = 'a'", 'write == to compare'],
    ["status == 'a' and gift", 'write && for and, || for or, ! for not'],
    ['amount >', 'the expression ends too early'],
    ["status <> 'a'", 'write != for unequal'],
  ])('[EX1] helps with %s, which other languages would take', (source, fix) => {
    expect(problemsOf(source)[0]?.fix).toBe(fix);
  });

  it('[EX1] wants a condition or a number where the place needs one', () => {
    expect(problemsOf('status', 'bool')).toMatchObject([
      { message: 'expected a condition, found a string' },
    ]);
    expect(problemsOf("status == 'a'", 'number')).toMatchObject([
      { message: 'expected a number, found a condition' },
    ]);
    expect(problemsOf('null', 'number')).toMatchObject([
      { message: 'expected a number, found null' },
    ]);
  });

  it('[EX2] takes a decimal as a double, converts an int beside a double and keeps two ints ints', () => {
    expect(accepted('amount').type).toBe('double');
    expect(accepted('quantity * amount').type).toBe('double');
    expect(accepted('quantity / 2').type).toBe('int');
    expect(accepted('gift ? quantity : weight').type).toBe('double');
    expect(accepted("status == 'paid' ? amount : null").type).toBe('double');
  });

  it('[EX6] refuses names that every object answers to, also when a stream declares them', () => {
    const hostile = JSON.parse(
      '{"__proto__":{"type":"int"},"constructor":{"type":"int"},"toString":{"type":"int"}}',
    ) as Fields;
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype']) {
      expect(checkExpression(name, FIELDS, 'any').ok, name).toBe(false);
      expect(checkExpression(name, hostile, 'any').ok, name).toBe(false);
    }
  });

  it('[EX7] bounds the length and the depth of an expression', () => {
    expect(problemsOf('!'.repeat(3_999) + 'gift')).toHaveLength(1);
    expect(problemsOf(`${'('.repeat(500)}1${')'.repeat(500)}`)[0]?.message).toMatch(/maxDepth/);
    expect(problemsOf(Array.from({ length: 1_500 }, () => '1').join('+'))[0]?.message).toMatch(
      /maxAstNodes/,
    );
    expect(problemsOf('1'.repeat(5_000))[0]?.message).toBe('the expression has 5000 characters');
    expect(problemsOf('  ')[0]?.message).toBe('the expression is empty');
  });

  it('[EX8] prints one source for all ways to lay an expression out', () => {
    const one = accepted("status=='paid'&&(amount>(10.50)||!(gift))").text;
    expect(one).toBe('status == "paid" && (amount > 10.5 || !gift)');
    expect(accepted('( status == "paid" )  &&  ( amount>10.5||! gift )').text).toBe(one);
  });

  it('[EX8] says which fields it reads and whether it is one field alone', () => {
    expect(accepted('amount * quantity + amount').uses).toStrictEqual(['amount', 'quantity']);
    expect(accepted(' (amount) ', 'number').bare).toBe('amount');
    expect(accepted('-amount', 'number').bare).toBeNull();
  });
});
