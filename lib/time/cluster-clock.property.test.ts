import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClusterClock } from './cluster-clock.ts';
import type { MonoMs } from './instant.ts';

test('[CK2] the true time always lies within the stated error, whatever the delays', () => {
  const answer = fc.record({
    pause: fc.integer({ min: 0, max: 20_000 }),
    out: fc.integer({ min: 0, max: 3_000 }),
    back: fc.integer({ min: 0, max: 3_000 }),
    later: fc.integer({ min: 0, max: 10_000 }),
  });
  fc.assert(
    fc.property(
      fc.double({ min: 1e12, max: 2e12, noNaN: true }),
      fc.array(answer, { minLength: 1, maxLength: 20 }),
      (offset, answers) => {
        const clock = new ClusterClock();
        let at = 0;
        for (const { pause, out, back, later } of answers) {
          const sentAt = at + pause;
          const ackedAt = sentAt + out + back;
          clock.observe(sentAt as MonoMs, ackedAt as MonoMs, Math.floor(sentAt + out + offset));
          at = ackedAt;
          const read = clock.read((at + later) as MonoMs);
          expect(read).not.toBeNull();
          // A thousandth of a millisecond for doubles near 2e12.
          expect(Math.abs((read?.at ?? 0) - (at + later + offset))).toBeLessThanOrEqual(
            (read?.errorMs ?? 0) + 0.001,
          );
          expect(clock.earliest((at + later) as MonoMs)).toBeLessThanOrEqual(
            at + later + offset + 0.001,
          );
        }
      },
    ),
  );
});
