import type { Lease } from '#server/ports/lease.ts';

/** With SQLite there is one hub, so it always holds every lease (DECISIONS.md 3); it ends with the asking signal. */
export const alwaysGranted: Lease = {
  hold: async (_name, signal) => {
    signal.throwIfAborted();
    return signal;
  },
};
