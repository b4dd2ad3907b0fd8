import { expect, test } from 'vitest';
import type { LogRecord } from '#server/ports/log-writer.ts';
import {
  claimRecord,
  first,
  MINUTE,
  NOON,
  second,
  valueRecord,
  VERSION,
} from './fixtures/hub-records.ts';
import { HELD_SPAN_MS } from './latest-values.ts';
import { ValuesFold, type Applied } from './values-fold.ts';

/** A fold that follows partition 0 from its start, and a log to append to. */
function openFold(now = NOON + MINUTE) {
  const fold = new ValuesFold();
  fold.follow(0, 0);
  let offset = 0;
  const apply = ({ key, value }: LogRecord, partition = 0): Applied => {
    const logged = { partition, offset, appendedAt: NOON + 61_000, key, text: value };
    offset += 1;
    return fold.apply(logged, now);
  };
  const values = () => fold.points('orders', VERSION, 0).map(({ start, value }) => [start, value]);
  return { fold, apply, values };
}

test('[HB1] per key the last record in the log wins', () => {
  const { apply, values } = openFold();
  apply(valueRecord({ value: 1 }));
  apply(valueRecord({ value: 2, start: NOON - MINUTE }));
  apply(valueRecord({ value: 3 }));
  expect(values()).toEqual([
    [NOON, 3],
    [NOON - MINUTE, 2],
  ]);
});

test('[HB1] an offset applied before is passed over, and reach never moves back', () => {
  const { fold, apply, values } = openFold();
  apply(valueRecord({ value: 1 }));
  fold.reach(0, 9);
  fold.reach(0, 4);
  expect(fold.next(0)).toBe(9);
  const { key, value: text } = valueRecord({ value: 2 });
  expect(fold.apply({ partition: 0, offset: 3, appendedAt: NOON, key, text }, NOON).kind).toBe(
    'nothing',
  );
  expect(values()).toEqual([[NOON, 1]]);
});

test('[HB2] before any claim everything is accepted', () => {
  const { apply } = openFold();
  expect(apply(valueRecord({ by: first })).kind).toBe('value');
  expect(apply(valueRecord({ by: second })).kind).toBe('value');
  expect(apply(valueRecord({ by: null })).kind).toBe('value');
});

test.each([
  ['an earlier generation', first],
  ['the same generation of another instance', { ...second, instance: 'compute-c' }],
  ['a later generation that claimed nothing', { ...second, generation: 3 }],
  ['nobody named', null],
])('[HB2] after a claim records of %s are fenced and change nothing', (_, by) => {
  const { apply, values } = openFold();
  apply(claimRecord(second));
  apply(valueRecord({ by: second, value: 7 }));
  expect(apply(valueRecord({ by, value: 8 }))).toEqual({ kind: 'fenced' });
  expect(values()).toEqual([[NOON, 7]]);
});

test('[HB2] the last claim in the log holds, for its metric version alone', () => {
  const { fold, apply } = openFold();
  apply(claimRecord(second));
  apply(claimRecord(first));
  expect(fold.claim(0, 'orders', VERSION)).toEqual(first);
  expect(apply(valueRecord({ by: second })).kind).toBe('fenced');
  expect(apply(valueRecord({ by: second, metric: 'sales' })).kind).toBe('value');
  expect(apply(valueRecord({ by: second, version: '2-b' })).kind).toBe('value');
});

test('[HB2] claims go to the store and come back with the position', () => {
  const { fold, apply } = openFold();
  apply(claimRecord(second));
  const restored = new ValuesFold();
  restored.follow(0, fold.next(0) ?? 0, fold.claimsText(0));
  expect(restored.claim(0, 'orders', VERSION)).toEqual(second);
  expect(restored.next(0)).toBe(1);
});

test('[HB3] a withdrawn value is told and no longer held', () => {
  const { apply, values } = openFold();
  apply(valueRecord({ value: 1 }));
  const applied = apply(valueRecord({ value: null, withdrawn: true }));
  expect(applied).toMatchObject({
    kind: 'value',
    row: { withdrawn: true },
    point: { withdrawn: true },
  });
  expect(values()).toEqual([]);
});

test('[HB3] a freed key counts as withdrawn; a freed claim changes nothing', () => {
  const { fold, apply, values } = openFold();
  apply(claimRecord(first));
  apply(valueRecord({ value: 1, dims: { p: 'a|b' } }));
  const { key } = valueRecord({ dims: { p: 'a|b' } });
  expect(apply({ key, value: null })).toMatchObject({
    row: { withdrawn: true, start: NOON, end: NOON + MINUTE, dims: '{"p":"a|b"}' },
    point: { withdrawn: true },
  });
  expect(values()).toEqual([]);
  expect(apply({ key: claimRecord(first).key, value: null }).kind).toBe('nothing');
  expect(fold.claim(0, 'orders', VERSION)).toEqual(first);
});

test('[HB4] a value without version, generation or dims is taken with what it gives', () => {
  const { fold, apply } = openFold();
  const text = JSON.stringify({
    metric: 'nps',
    window: { start: NOON, end: NOON + 1 },
    value: '41.5',
  });
  expect(apply({ key: 'whatever', value: text }).kind).toBe('value');
  expect(fold.points('nps', '', 0)).toMatchObject([
    { dims: '{}', value: '41.5', reason: null, partial: false, eventAt: null },
  ]);
});

test.each([
  ['not JSON', 'k', '{', /^not JSON$/],
  ['no metric', 'k', '{"window":{"start":1,"end":2},"value":1}', /^not a metric value: metric: /],
  [
    'a window that ends before it starts',
    'k',
    '{"metric":"m","window":{"start":2,"end":2},"value":1}',
    /^window\.end/,
  ],
  [
    'a claim without generation',
    'k',
    '{"v":1,"claim":true,"metric":"m","version":"1"}',
    /^not a claim: generation: /,
  ],
  [
    'a later contract',
    'k',
    '{"v":2,"metric":"m","window":{"start":1,"end":2},"value":1}',
    /^not a metric value: v: /,
  ],
  ['another key than its content', 'orders|1-a|5|{}', valueRecord().value, /^key: /],
])('[HB5] %s is invalid and says so without its payload', (_, key, value, reason) => {
  const { fold, apply } = openFold();
  const applied = apply({ key, value });
  expect(applied).toEqual({ kind: 'invalid', reason: expect.stringMatching(reason) as unknown });
  expect(fold.next(0)).toBe(1);
});

test('[HB6] memory keeps three hours before the newest window; what is older is for history alone', () => {
  const { apply, values } = openFold();
  apply(valueRecord({ value: 1, start: NOON - HELD_SPAN_MS - MINUTE }));
  apply(valueRecord({ value: 2, start: NOON - HELD_SPAN_MS }));
  apply(valueRecord({ value: 3, start: NOON }));
  expect(values()).toEqual([
    [NOON - HELD_SPAN_MS, 2],
    [NOON, 3],
  ]);
  const old = apply(valueRecord({ value: 4, start: NOON - HELD_SPAN_MS - MINUTE }));
  expect(old).toMatchObject({
    kind: 'value',
    row: { start: NOON - HELD_SPAN_MS - MINUTE },
    point: null,
  });
});

test('[HB6] a window far in the future pushes nothing out', () => {
  const { apply, values } = openFold();
  apply(valueRecord({ value: 1, start: NOON - HELD_SPAN_MS + 2 * MINUTE }));
  apply(valueRecord({ value: 2, start: NOON + 1_000 * HELD_SPAN_MS }));
  expect(values()).toHaveLength(2);
});

test('[HB6] data of years ago keeps its own last hours', () => {
  const { apply, values } = openFold();
  const then = NOON - 8 * 365 * 86_400_000;
  apply(valueRecord({ value: 1, start: then }));
  apply(valueRecord({ value: 2, start: then + MINUTE }));
  expect(values()).toHaveLength(2);
});

test('[HB21] a row carries the minute of its append, its offset and the whole record', () => {
  const { apply } = openFold();
  const record = valueRecord({ dims: { b: 1, a: 'x' }, value: 5 });
  expect(apply(record)).toMatchObject({
    row: {
      metric: 'orders',
      version: VERSION,
      dims: '{"a":"x","b":1}',
      knownAt: NOON + MINUTE,
      offset: 0,
      record: record.value,
    },
  });
});
