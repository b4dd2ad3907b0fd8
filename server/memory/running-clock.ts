import type { Clock, EpochMs, MonoMs } from '#lib/time/instant.ts';
import type { MemoryClock } from '#server/memory/memory-clock.ts';

/** Real time, for tests in which both sides of a port have to run at once. */
export class RunningClock implements MemoryClock {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): EpochMs {
    return this.#clock.now();
  }

  monotonic(): MonoMs {
    return this.#clock.monotonic();
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
