import { pause } from '#server/lifecycle/pause.ts';
import type { HubStore } from '#server/ports/hub-store.ts';
import type { Lease } from '#server/ports/lease.ts';
import type { Logger } from '#server/ports/logger.ts';

/** Raw history is kept for eight days: a whole week to compare with, and a day more (HB22). */
const KEPT_MS = 8 * 86_400_000;
const EVERY_MS = 3_600_000;
/** Not in the first minute, when the hub reads up to the end; a process that is restarted often still gets to it. */
const FIRST_MS = 60_000;

/** Deletes old history once an hour, in one hub of all (HB22). A store that fails is tried again in an hour. */
export async function expireHistory(
  parts: {
    readonly store: Pick<HubStore, 'expire'>;
    readonly lease: Lease;
    readonly logger: Logger;
    /** Cluster clock; null while unknown: then nothing is deleted. */
    readonly now: () => number | null;
  },
  signal: AbortSignal,
): Promise<void> {
  const { store, lease, logger, now } = parts;
  while (!signal.aborted) {
    const held = await lease.hold('history', signal).catch((error: unknown) => {
      if (signal.aborted) return signal;
      throw error;
    });
    const both = AbortSignal.any([held, signal]);
    for (let waitMs = FIRST_MS; !both.aborted; waitMs = EVERY_MS) {
      await pause(waitMs, both);
      const at = now();
      if (at === null || both.aborted) continue;
      await store.expire(at - KEPT_MS).catch((error: unknown) => {
        logger.warn('hub:expire-failed', { error });
      });
    }
  }
}
