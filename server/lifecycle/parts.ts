import type { Clock } from '#lib/time/instant.ts';
import type { Logger } from '#server/ports/logger.ts';
import type { Run } from './supervise.ts';

/** Time all parts together have to stop, ms: Ctrl-C ends everything within 5 s, and the process needs a moment of its own. */
export const STOP_WITHIN_MS = 4_000;

interface Part {
  readonly name: string;
  readonly stop: () => Promise<void>;
}

/** What a process has opened and started, in order. `stop` undoes it in reverse (LC3). */
export class Parts {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #parts: Part[] = [];
  readonly #failure = Promise.withResolvers<never>();
  #stopping: Promise<void> | null = null;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#failure.promise.catch(() => {}); // who waits for `failure` hears it; nobody waiting is no crash
  }

  /** Rejects when a running part has failed for good. Never resolves. */
  get failure(): Promise<never> {
    return this.#failure.promise;
  }

  /** Registers something open. Once stopping has begun it is stopped at once: it was opened too late. */
  add(name: string, stop: () => Promise<void> | void): void {
    const part = { name, stop: async () => stop() };
    if (this.#stopping === null) this.#parts.push(part);
    else void this.#stopOne(part, STOP_WITHIN_MS);
  }

  /** Starts a part; it is stopped by aborting its own signal and waiting for its end. */
  run(name: string, run: Run): void {
    const stopper = new AbortController();
    const running = run(stopper.signal).catch((error: unknown) => {
      if (!stopper.signal.aborted) this.#failure.reject(error);
    });
    this.add(name, async () => {
      stopper.abort();
      await running;
    });
  }

  /** Stops all parts, the youngest first. One that fails or hangs is logged and does not keep the others; past the deadline nobody is waited for. */
  stop(withinMs: number = STOP_WITHIN_MS): Promise<void> {
    this.#stopping ??= this.#stopAll(withinMs);
    return this.#stopping;
  }

  async #stopAll(withinMs: number): Promise<void> {
    const endsAt = this.#clock.monotonic() + withinMs;
    for (let left = this.#parts.length; left > 0; left = this.#parts.length) {
      const part = this.#parts.pop();
      if (part === undefined) return;
      // Half of what is left to each: a part that hangs leaves time to the ones below it, which hold the data.
      const share = Math.max(0, endsAt - this.#clock.monotonic()) / (left > 1 ? 2 : 1);
      await this.#stopOne(part, share);
    }
  }

  async #stopOne(part: Part, withinMs: number): Promise<void> {
    const outcome = await settledWithin(part.stop(), withinMs);
    if (outcome !== 'stopped') this.#logger.warn('part:not-stopped', { part: part.name, outcome });
  }
}

async function settledWithin(
  work: Promise<void>,
  ms: number,
): Promise<'stopped' | 'timed-out' | string> {
  const late = Promise.withResolvers<'timed-out'>();
  const timer = setTimeout(() => late.resolve('timed-out'), ms);
  try {
    return await Promise.race([work.then(() => 'stopped' as const), late.promise]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
