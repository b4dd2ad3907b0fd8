import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closingOf, foldDrain, NEVER_DRAINED } from '#lib/engine/drain.ts';
import { ProofRing } from '#lib/freshness/proof-ring.ts';

test('[FR10] the frontier is the newest proof whose end is published', () => {
  const ring = new ProofRing();
  ring.push({ end: 10, seenAt: 1_000 });
  ring.push({ end: 20, seenAt: 2_000 });
  expect(ring.publish(9)).toBeNull();
  expect(ring.publish(10)).toBe(1_000);
  expect(ring.publish(25)).toBe(2_000);
});

test('[FR10] a quiet partition is fresh as of its newest answer', () => {
  const ring = new ProofRing();
  for (let at = 1_000; at < 60_000; at += 250) {
    ring.push({ end: 10, seenAt: at });
    expect(ring.publish(10)).toBe(at);
  }
});

test('[FR10] however many proofs wait and are thinned, no frontier is newer than the truth', () => {
  const steps = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 300 }), fc.nat(4)), {
    maxLength: 600,
    size: 'max',
  });
  fc.assert(
    fc.property(steps, (list) => {
      const ring = new ProofRing();
      const proofs: { end: number; seenAt: number }[] = [];
      let end = 0;
      let at = 0;
      let next = 0;
      for (const [grown, elapsed, read] of list) {
        end += grown;
        at += elapsed;
        ring.push({ end, seenAt: at });
        proofs.push({ end, seenAt: at });
        next = Math.min(end, next + read);
        const truth = Math.max(
          -1,
          ...proofs.filter((proof) => proof.end <= next).map(({ seenAt }) => seenAt),
        );
        expect(ring.publish(next) ?? -1).toBeLessThanOrEqual(truth);
        expect(ring.waiting.length).toBeLessThanOrEqual(128);
      }
      const restored = new ProofRing(ring.frontier, ring.waiting);
      expect(restored.publish(end)).toBe(ring.publish(end));
    }),
    { numRuns: 60 },
  );
});

test('[WN4] closing is the event clock, or the proof that a partition stayed drained for the lateness', () => {
  const long = foldDrain(foldDrain(NEVER_DRAINED, true, 1_000), true, 31_000);
  expect(closingOf(5_000, NEVER_DRAINED, 30_000)).toBe(5_000);
  expect(closingOf(5_000, foldDrain(NEVER_DRAINED, true, 31_000), 30_000)).toBe(5_000);
  expect(closingOf(5_000, long, 30_000)).toBe(31_000);
  expect(closingOf(40_000, long, 30_000)).toBe(40_000);
  expect(closingOf(null, long, 30_000)).toBe(31_000);
  expect(closingOf(null, NEVER_DRAINED, 30_000)).toBeNull();
  expect(foldDrain(long, false, 32_000)).toEqual(NEVER_DRAINED);
});
