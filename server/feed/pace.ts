import { CALM_EVERY_MS, FEED_BEAT_MS } from '#lib/contracts/feed.ts';

/** At cadence `frame`: how long an update may stay unpainted before the next leaves all the same (a hidden tab paints nothing). */
export const PAINT_FALLBACK_MS = 1_000;

export type Cadence = 'calm' | 'frame';

/** What decides when the next packet to a screen may leave. Instants are monotonic milliseconds of this process. */
export interface Pace {
  readonly cadence: Cadence;
  /** When the last packet left. */
  readonly sentAt: number;
  /** The screen has not yet painted it. Counts at cadence `frame` only. */
  readonly unpainted: boolean;
  /** Something is waiting. */
  readonly changed: boolean;
}

/** The earliest monotonic instant at which the next packet may leave: a change at the screen's cadence (FD5), else the heartbeat (FD3). */
export function dueAt(pace: Pace): number {
  const wait = pace.changed ? shortestGapMs(pace) : FEED_BEAT_MS;
  return pace.sentAt + (isHeld(pace) ? Math.max(wait, PAINT_FALLBACK_MS) : wait);
}

const isHeld = (pace: Pace): boolean => pace.cadence === 'frame' && pace.unpainted;

const shortestGapMs = (pace: Pace): number => (pace.cadence === 'calm' ? CALM_EVERY_MS : 0);
