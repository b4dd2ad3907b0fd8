import { describe, expect, it } from 'vitest';
import type { MeasureSpec } from '#lib/definitions/schema.ts';
import type { Fields } from './field-types.ts';
import { parseMeasure } from './parse-measure.ts';

const FIELDS: Fields = {
  amount: { type: 'decimal', scale: 2, class: 'financial' },
  quantity: { type: 'int', class: 'internal' },
  status: { type: 'string', class: 'internal' },
};
const measureOf = (spec: MeasureSpec) => {
  const parsed = parseMeasure(spec, FIELDS);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.measure;
};

describe('parseMeasure', () => {
  it('[MS1] reads every measure there is', () => {
    expect(measureOf('count()')).toStrictEqual({ kind: 'count', where: null });
    expect(measureOf("count( status=='failed' )")).toStrictEqual({
      kind: 'count',
      where: 'status == "failed"',
    });
    expect(measureOf('sum(amount)')).toStrictEqual({ kind: 'sum', of: 'amount' });
    expect(measureOf('avg(amount*quantity)')).toStrictEqual({
      kind: 'avg',
      of: 'amount * quantity',
    });
    expect(measureOf('min( quantity )')).toStrictEqual({ kind: 'min', of: 'quantity' });
    expect(measureOf('max(amount)')).toStrictEqual({ kind: 'max', of: 'amount' });
    expect(measureOf({ ratio: { of: "count(status == 'failed')", to: 'count()' } })).toStrictEqual({
      kind: 'ratio',
      of: { kind: 'count', where: 'status == "failed"' },
      to: { kind: 'count', where: null },
    });
  });

  it('[MS1] names the fields both sides of a ratio read', () => {
    const parsed = parseMeasure({ ratio: { of: 'sum(amount)', to: 'sum(quantity)' } }, FIELDS);
    expect(parsed).toMatchObject({ ok: true, uses: ['amount', 'quantity'] });
  });

  it.each([
    ['cout()', 'unknown measure `cout`', 'did you mean `count`?'],
    ['p95(amount)', 'unknown measure `p95`', 'known: count, sum, avg, min, max'],
    ['amount', 'a measure is count(), sum(…), avg(…), min(…) or max(…)', 'for example sum(amount)'],
    [
      'count(status)',
      'expected a condition, found a string',
      'compare it, for example `status == …`',
    ],
    ['sum(status)', 'expected a number, found a string', 'write double(…) if the text is a number'],
    [
      "sum(status == 'a')",
      'expected a number, found a condition',
      'write count(…) to count the records that meet a condition',
    ],
    ['sum()', '`sum` needs a number', 'for example sum(amount)'],
    ['sum(amount, quantity)', '`sum` takes one expression', null],
    ['sum(amout)', 'unknown field `amout`', 'did you mean `amount`?'],
    ['count() / 2', 'a measure is count(), sum(…), avg(…), min(…) or max(…)', null],
  ])('[MS1] refuses %s', (source, message, fix) => {
    const parsed = parseMeasure(source, FIELDS);
    expect(parsed.ok ? [] : parsed.problems).toMatchObject([{ message, fix, path: [] }]);
  });

  it('[MS1] says which side of a ratio is wrong and where in it', () => {
    const parsed = parseMeasure({ ratio: { of: 'count(statu == null)', to: 'cont()' } }, FIELDS);
    expect(parsed.ok ? [] : parsed.problems).toMatchObject([
      { path: ['ratio', 'of'], start: 6, end: 11 },
      { path: ['ratio', 'to'], start: 0 },
    ]);
  });
});
