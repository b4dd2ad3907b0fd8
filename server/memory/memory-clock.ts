import type { Clock } from '#lib/time/instant.ts';

/** A clock that can also be waited on: what everything in memory takes its time from. */
export interface MemoryClock extends Clock {
  /** Resolves once `ms` have passed on this clock, or when `signal` aborts; never rejects. */
  after(ms: number, signal: AbortSignal): Promise<void>;
}
