import fc from 'fast-check';
import { expect, test } from 'vitest';
import { epochMs } from '#lib/time/instant.ts';
import type { FreshnessFacts } from './facts.ts';
import { stateAt } from './state.ts';
import { STATES, type Connection } from './words.ts';

const T = 1_700_000_000_000;
const at = fc.integer({ min: T - 200_000, max: T }).map(epochMs);
const maybe = <V>(value: fc.Arbitrary<V>) => fc.option(value, { nil: null });

const facts: fc.Arbitrary<FreshnessFacts> = fc.record({
  frontier: maybe(at),
  closing: maybe(at),
  clockErrorMs: fc.integer({ min: 0, max: 50 }),
  phase: maybe(
    fc.constantFrom<NonNullable<FreshnessFacts['phase']>>(
      { kind: 'running' },
      { kind: 'restoring' },
      { kind: 'catching-up', remaining: 1, total: 2, estimateMs: null },
    ),
  ),
  unanswered: maybe(at.map((since) => ({ who: 'Kafka', since }))),
  blocked: maybe(at.map((since) => ({ topic: 't', partition: 0, since }))),
  appliedAt: maybe(at),
  heardAt: maybe(at),
  quietAfterMs: fc.integer({ min: 1, max: 100_000 }),
  targetMs: maybe(fc.integer({ min: 1, max: 100_000 })),
  stopTrustingMs: fc.constant(null),
  lagRecords: maybe(fc.nat()),
  problem: fc.constant(null),
});
const connection = fc.oneof(
  fc.constant<Connection>({ kind: 'connected' }),
  fc.nat().map((sinceMs): Connection => ({ kind: 'lost', sinceMs })),
);
/** Bounds of clocks as they are measured: no finer than a microsecond. */
const error = fc.integer({ min: 0, max: 100_000 }).map((micros) => micros / 1_000);

test('[FR1] the age grows by itself, as fast as time, while nothing arrives', () => {
  fc.assert(
    fc.property(facts, connection, error, fc.nat(1_000_000), (f, c, e, later) => {
      const before = stateAt(f, T, e, c).ageMs;
      const after = stateAt(f, T + later, e, c).ageMs;
      if (before === null || after === null) return before === after;
      return after === before + later || (before === 0 && after <= later);
    }),
  );
});

test('[FR2] a displayed age is never below the true one, wherever in their bounds the clocks are', () => {
  fc.assert(
    fc.property(facts, error, fc.double({ min: -1, max: 1, noNaN: true }), (f, e, skew) => {
      const { ageMs } = stateAt(f, T, e, { kind: 'connected' });
      if (f.frontier === null) return ageMs === null;
      const trueAge = T + skew * e - (f.frontier - f.clockErrorMs);
      return ageMs !== null && ageMs >= trueAge;
    }),
  );
});

test('[ST3] without a target no instant is Late or Stale', () => {
  fc.assert(
    fc.property(facts, connection, fc.nat(10_000_000), (f, c, later) => {
      const is = stateAt({ ...f, targetMs: null }, T + later, 0, c);
      return is.state !== 'late' && is.state !== 'stale' && !is.distrust;
    }),
  );
});

test('[FR3] while facts stand still and time passes, a running metric only gets worse', () => {
  const running = facts.map((f): FreshnessFacts => ({
    ...f,
    phase: { kind: 'running' },
    blocked: null,
  }));
  // Live and Quiet are both good; the rest in the order of SEMANTICS 4.7.
  const badness = (state: string) =>
    state === 'live' || state === 'quiet' ? 0 : STATES.length - STATES.indexOf(state as never);
  fc.assert(
    fc.property(running, fc.nat(100_000), fc.nat(100_000), (f, first, more) => {
      const one = stateAt(f, T + first, 0, { kind: 'connected' });
      const two = stateAt(f, T + first + more, 0, { kind: 'connected' });
      expect(badness(two.state)).toBeGreaterThanOrEqual(badness(one.state));
    }),
  );
});
