import { expect, test } from 'vitest';
import type { Why } from '#lib/contracts/rest.ts';
import { faceOf, factsOf, NOW, viewingOf } from '#lib/testing/panel-builders.ts';
import { epochMs } from '#lib/time/instant.ts';
import { panelHead } from './panel-head.ts';
import { whyModel } from './why-model.ts';

const hop = (p50: number) => ({ count: 9, p50, p95: p50 * 2, p99: p50 * 3 });
const facts = factsOf({ frontier: epochMs(NOW - 41_000), lagRecords: 10_400 });
const partition: Why['partitions'][number] = {
  topic: 'shop.payments',
  partition: 3,
  id: null,
  next: 120_000,
  end: 130_400,
  stable: 130_400,
  seenAt: epochMs(NOW - 200),
  frontier: epochMs(NOW - 41_000),
  eventClock: null,
  closing: null,
  unansweredSince: null,
  blockedSince: null,
  problem: null,
  recordsPerSecond: 220,
};
const why: Why = {
  clusterNow: NOW,
  face: faceOf(),
  facts,
  partitions: [partition],
  counts: { read: 9, in: 1_234, filtered: 5, invalid: 1, late: 2, duplicate: 0, expired: 0 },
  hops: { ingest: hop(800), stream: hop(300), compute: hop(2) },
  generation: 1,
  instance: 'c',
};
const model = (over: Partial<Parameters<typeof whyModel>[0]> = {}) =>
  whyModel({
    title: 'Checkout failures',
    face: faceOf({ owner: 'payments-sre' }),
    head: panelHead(facts, viewingOf()),
    viewing: viewingOf(),
    why,
    deliver: hop(4),
    paint: hop(9),
    ...over,
  });

test('[UI12] Why begins with a sentence, the rule that fired, and who acts', () => {
  expect(model()).toMatchObject({
    headline: 'Checkout failures is 41 s old, promised 30 s',
    reason: '10,400 records are appended and not yet counted.',
    code: 'records-waiting',
    owner: 'payments-sre',
  });
});

test('[UI12] the bar is to scale: ingest ends at zero, the promise has its mark, slivers are only in the table', () => {
  const { bar, hops } = model();
  const all = 800 + 41_000;
  expect(bar?.zero).toBeCloseTo(800 / all, 6);
  expect(bar?.promise).toBeCloseTo((800 + 30_000) / all, 6);
  const share = (name: string) => bar?.parts.find((part) => part.name === name)?.share;
  expect(share('Compute')).toBe(0);
  expect(share('Records waiting to be counted')).toBeGreaterThan(0.95);
  expect(hops.map(({ name, p50 }) => `${name} ${p50}`)).toEqual([
    'Ingest 800 ms',
    'Stream 300 ms',
    'Compute 2.0 ms',
    'Deliver 4.0 ms',
    'Paint 9.0 ms',
    'Records waiting to be counted 41 s',
  ]);
});

test('[UI12] a hop that was not measured lately is a dash, a negative one stays negative', () => {
  const { hops } = model({ deliver: null, paint: hop(-3) });
  expect(hops.slice(3, 5).map(({ p50 }) => p50)).toEqual(['–', '−3.0 ms']);
});

test.each([
  [{}, 'Kafka answered 0.2 s ago'],
  [{ unansweredSince: epochMs(NOW - 5_000) }, /^no answer since /],
  [{ unansweredSince: epochMs(NOW - 300) }, 'Kafka answered 0.2 s ago'],
  [{ blockedSince: epochMs(NOW - 5_000) }, /^a transaction is open since /],
  [{ problem: 'wrong CRC at offset 7' }, 'wrong CRC at offset 7'],
  [{ seenAt: null }, 'not asked yet'],
])('[UI12] a partition says how we know: %o', (over, how) => {
  const rows = model({ why: { ...why, partitions: [{ ...partition, ...over }] } }).partitions;
  expect(rows[0]).toMatchObject({ name: 'shop.payments-3', next: '120,000', age: '41 s' });
  expect(rows[0]?.how).toMatch(how);
});

test('[UI12] without an age there is no bar, and before the answer no partition', () => {
  const none = model({ head: panelHead(null, viewingOf()), why: null });
  expect(none).toMatchObject({ bar: null, partitions: [], counts: [] });
  expect(none.headline).toBe('Checkout failures: nothing proves its age');
});
