import { expect, test } from 'vitest';
import { factsOf, NOW } from '#lib/testing/panel-builders.ts';
import { epochMs } from '#lib/time/instant.ts';
import type { FreshnessFacts } from './facts.ts';
import type { Sentence } from './sentence.ts';
import { stateAt } from './state.ts';
import type { Connection, State } from './words.ts';

const connected: Connection = { kind: 'connected' };
const lost: Connection = { kind: 'lost', sinceMs: 4_000 };
const ago = (ms: number) => epochMs(NOW - ms);
const text = (sentence: Sentence) =>
  sentence
    .map((part) =>
      part.kind === 'text'
        ? part.text
        : part.kind === 'instant'
          ? `@${part.at - NOW}`
          : part.kind === 'length' || part.kind === 'promise'
            ? `${part.ms}ms`
            : String(part.count),
    )
    .join('');

const UNANSWERED = { unanswered: { who: 'Kafka', since: ago(5_000) } };
const CATCHING_UP = {
  phase: { kind: 'catching-up' as const, remaining: 5, total: 10, estimateMs: null },
};
const OLD = { frontier: ago(100_000) };
const BLOCKED = { blocked: { topic: 'shop.payments', partition: 3, since: ago(6_000) } };
const LATE = { frontier: ago(31_000) };
const QUIET = { appliedAt: ago(60_000) };

test.each<[string, State, Partial<FreshnessFacts>, Connection]>([
  ['nothing is wrong', 'live', {}, connected],
  ['no event for quietAfter', 'quiet', QUIET, connected],
  ['no event ever', 'quiet', { appliedAt: null }, connected],
  ['age over target', 'late', LATE, connected],
  ['late and quiet', 'late', { ...LATE, ...QUIET }, connected],
  ['blocked and late', 'blocked', { ...LATE, ...BLOCKED }, connected],
  ['over stop-trusting and blocked', 'stale', { ...OLD, ...BLOCKED }, connected],
  ['catching up and over stop-trusting', 'replaying', { ...OLD, ...CATCHING_UP }, connected],
  ['catching up without a frontier', 'replaying', { frontier: null, ...CATCHING_UP }, connected],
  ['restoring', 'replaying', { phase: { kind: 'restoring' } }, connected],
  ['unanswered and catching up', 'unknown', { ...UNANSWERED, ...CATCHING_UP }, connected],
  ['nothing ever computed', 'unknown', { phase: null, frontier: null }, connected],
  ['running without a frontier', 'unknown', { frontier: null }, connected],
  ['lost and unanswered', 'disconnected', { ...UNANSWERED, ...OLD }, lost],
])('[ST1] the first rule that holds decides: %s is %s', (_, state, facts, connection) => {
  expect(stateAt(factsOf(facts), NOW, 0, connection).state).toBe(state);
});

test('[ST2] the age adds every error bound and rounds up, "as of" is the frontier', () => {
  const is = stateAt(factsOf({ clockErrorMs: 3, frontier: ago(1_000) }), NOW + 0.2, 4.1, connected);
  expect(is.ageMs).toBe(1_008);
  expect(is.asOf).toBe(NOW - 1_000);
});

test('[ST2] an age is never negative, also when the clocks disagree', () => {
  expect(stateAt(factsOf({ frontier: epochMs(NOW + 50) }), NOW, 0, connected).ageMs).toBe(0);
});

test('[ST3] without an objective there is no target: never Late, never Stale, never distrusted', () => {
  const facts = factsOf({ ...OLD, targetMs: null, stopTrustingMs: null });
  const is = stateAt(facts, NOW, 0, connected);
  expect(is).toMatchObject({ state: 'live', distrust: false, reason: { code: 'no-target' } });
});

test('[ST3] without stopTrusting the limit is three targets', () => {
  const facts = factsOf({ targetMs: 30_000, stopTrustingMs: null, frontier: ago(90_000) });
  expect(stateAt(facts, NOW, 0, connected).state).toBe('late');
  expect(stateAt(facts, NOW + 1, 0, connected).state).toBe('stale');
});

test.each([
  [UNANSWERED, connected, 'unknown'],
  [CATCHING_UP, connected, 'replaying'],
  [{}, lost, 'disconnected'],
  [{}, connected, 'stale'],
] as const)(
  '[ST4] older than stop-trusting is distrusted whatever the word (%#)',
  (facts, connection, state) => {
    expect(stateAt(factsOf({ ...OLD, ...facts }), NOW, 0, connection)).toMatchObject({
      state,
      distrust: true,
    });
  },
);

test('[ST5] an unanswered question is Unknown after 5 s, not before', () => {
  const facts = factsOf({ unanswered: { who: 'Kafka', since: ago(4_999) } });
  expect(stateAt(facts, NOW, 0, connected).state).toBe('live');
  expect(stateAt(facts, NOW + 1, 0, connected).state).toBe('unknown');
});

test('[ST6] an open transaction blocks after 5 s, or past a shorter target', () => {
  const blocked = { topic: 't', partition: 0, since: ago(3_000) };
  expect(stateAt(factsOf({ blocked }), NOW, 0, connected).state).toBe('live');
  expect(stateAt(factsOf({ blocked }), NOW + 2_001, 0, connected).state).toBe('blocked');
  expect(stateAt(factsOf({ blocked, targetMs: 2_000 }), NOW, 0, connected).state).toBe('blocked');
});

test('[ST7] a silent computer while the cluster answers is Late and then Stale, never Unknown, and the reason says so', () => {
  const facts = factsOf({ heardAt: ago(40_000), frontier: ago(40_000) });
  const late = stateAt(facts, NOW, 0, connected);
  expect(late).toMatchObject({ state: 'late', reason: { code: 'compute-silent' } });
  expect(text(late.reason.sentence)).toBe('compute silent since @-40000; Kafka answers');
  expect(stateAt(facts, NOW + 51_000, 0, connected)).toMatchObject({
    state: 'stale',
    reason: { code: 'compute-silent' },
  });
});

test('[ST8] Quiet says since when there was no event, and how long ago Kafka answered', () => {
  const { reason } = stateAt(factsOf(QUIET), NOW, 0, connected);
  expect(text(reason.sentence)).toBe('no event since @-60000, and Kafka answered 400ms ago');
});

test('[ST9] without the cluster clock nothing is proven: Unknown without an age', () => {
  expect(stateAt(factsOf(), null, 0, connected)).toMatchObject({
    state: 'unknown',
    ageMs: null,
    reason: { code: 'clock-unmeasured' },
  });
});

test('[ST10] a metric nobody computed says so', () => {
  expect(stateAt(null, NOW, 0, connected)).toMatchObject({
    state: 'unknown',
    ageMs: null,
    asOf: null,
    reason: { code: 'never-computed' },
  });
});

test.each<[string, Partial<FreshnessFacts>, string]>([
  [
    'a stopped partition',
    { ...LATE, problem: 'shop-2 has a wrong CRC at 7.' },
    'shop-2 has a wrong CRC at 7',
  ],
  ['waiting records', { ...LATE, lagRecords: 12 }, '12 records are appended and not yet counted'],
  ['nothing special', LATE, '31000ms old, promised 30000ms'],
  [
    'a transaction',
    { ...LATE, blocked: { topic: 't', partition: 1, since: ago(9_000) } },
    'a transaction is open since @-9000 on t partition 1',
  ],
  ['a backlog', { ...CATCHING_UP }, 'catching up: 5 of 10 records left'],
])('[ST11] the reason names what holds the number back: %s', (_, facts, sentence) => {
  expect(text(stateAt(factsOf(facts), NOW, 0, connected).reason.sentence)).toBe(sentence);
});
