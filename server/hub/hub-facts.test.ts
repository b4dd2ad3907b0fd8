import { expect, test } from 'vitest';
import { epochMs } from '#lib/time/instant.ts';
import { NOON, partitionGiven, progressOf } from './fixtures/hub-records.ts';
import { hubFacts, type HubSituation } from './hub-facts.ts';

const promised = { quietAfterMs: 60_000, targetMs: 30_000, stopTrustingMs: 90_000 };
const hub: HubSituation = {
  now: { at: NOON + 500, errorMs: 1.2 },
  isServed: true,
  silentSince: null,
  problem: null,
};
const nothing = { usable: null, newest: null };

test('[HB13] frontier and closing come from the usable progress, the word when compute was heard from the newest', () => {
  const heard = {
    usable: progressOf({ frontier: NOON - 900, at: NOON - 800 }),
    newest: progressOf({ frontier: NOON, at: NOON }),
  };
  expect(hubFacts(heard, promised, hub)).toMatchObject({
    ...promised,
    frontier: NOON - 900,
    closing: NOON - 900,
    heardAt: NOON,
    phase: { kind: 'running' },
  });
});

test('[HB13] the error bounds of both clocks add up, rounded up', () => {
  expect(hubFacts({ usable: progressOf(), newest: progressOf() }, promised, hub).clockErrorMs).toBe(
    4,
  );
});

test('[HB14] a hub that has not read all values yet says restoring, and claims no frontier', () => {
  const heard = { usable: progressOf(), newest: progressOf() };
  const facts = hubFacts(heard, promised, { ...hub, isServed: false });
  expect(facts).toMatchObject({ frontier: null, phase: { kind: 'restoring' } });
  expect(hubFacts(nothing, promised, { ...hub, isServed: false }).phase).toEqual({
    kind: 'restoring',
  });
});

test('[HB14] nothing was ever computed is said only by a hub that has read all', () => {
  expect(hubFacts(nothing, promised, hub)).toMatchObject({
    phase: null,
    heardAt: null,
    lagRecords: null,
    frontier: null,
  });
});

test('[HB15] a partition without an answer is named, the one that waits longest', () => {
  const partitions = [
    partitionGiven({ partition: 1, unansweredSince: epochMs(NOON - 2_000) }),
    partitionGiven({ partition: 2, unansweredSince: epochMs(NOON - 7_000) }),
  ];
  const progress = progressOf({ partitions });
  expect(hubFacts({ usable: progress, newest: progress }, promised, hub).unanswered).toEqual({
    who: 'shop.orders partition 2',
    since: NOON - 7_000,
  });
});

test("[HB15] the hub's own silence comes before what compute said", () => {
  const progress = progressOf({
    partitions: [partitionGiven({ unansweredSince: epochMs(NOON - 7_000) })],
  });
  const situation = { ...hub, silentSince: epochMs(NOON - 3_000) };
  expect(hubFacts({ usable: progress, newest: progress }, promised, situation).unanswered).toEqual({
    who: 'the cluster',
    since: NOON - 3_000,
  });
});

test('[HB16] what a computer said before it fell silent is no news: neither unanswered, nor blocked, nor lag', () => {
  const progress = progressOf({
    partitions: [
      partitionGiven({
        next: 3,
        unansweredSince: epochMs(NOON - 200),
        blockedSince: epochMs(NOON - 200),
      }),
    ],
  });
  const heard = { usable: progress, newest: progress };
  expect(hubFacts(heard, promised, hub)).toMatchObject({
    unanswered: { since: NOON - 200 },
    blocked: { topic: 'shop.orders', partition: 0, since: NOON - 200 },
    lagRecords: 7,
  });
  const later = { ...hub, now: { at: NOON + 10_000, errorMs: 1 } };
  expect(hubFacts(heard, promised, later)).toMatchObject({
    unanswered: null,
    blocked: null,
    lagRecords: null,
    heardAt: NOON,
    frontier: NOON,
  });
});

test('[HB17] a hub that cannot read on says why, and does not blame compute for a silence', () => {
  const progress = progressOf({
    partitions: [partitionGiven({ problem: 'Partition 0 stopped.' })],
  });
  const heard = { usable: progress, newest: progress };
  expect(hubFacts(heard, promised, hub).problem).toBe('Partition 0 stopped.');
  const facts = hubFacts(heard, promised, { ...hub, problem: 'The store is full.' });
  expect(facts).toMatchObject({ problem: 'The store is full.', heardAt: null });
});
