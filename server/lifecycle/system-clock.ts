import { epochMs, type Clock, type MonoMs } from '#lib/time/instant.ts';

/** The machine's clocks. Made in a composition root and handed down; nothing else reads the time. */
export const systemClock: Clock = {
  now: () => epochMs(Date.now()),
  // A process's own origin: the brand says that it means nothing elsewhere, also in another thread.
  monotonic: () => performance.now() as MonoMs,
};
