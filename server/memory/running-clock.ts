import { epochMs, type EpochMs, type MonoMs } from '#lib/time/instant.ts';
import type { MemoryClock } from '#server/memory/memory-clock.ts';

/** Real time, for tests in which both sides of a port have to run at once. */
export class RunningClock implements MemoryClock {
  now(): EpochMs {
    return epochMs(performance.timeOrigin + performance.now());
  }

  monotonic(): MonoMs {
    return performance.now() as MonoMs; // the one place where this clock's reading is made
  }

  after(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
