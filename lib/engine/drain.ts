/** How long a partition has stayed drained, as proven by answers (cluster clock, epoch ms). */
export interface DrainState {
  /** Send instant of the first of an unbroken row of answers that found nothing unread; null while something is. */
  readonly since: number | null;
  /** Send instant of the newest of them. */
  readonly seenAt: number | null;
}

export const NEVER_DRAINED: DrainState = { since: null, seenAt: null };

/** Folds one answer in: `drained` means that the end it found was already applied and published. */
export function foldDrain(state: DrainState, drained: boolean, seenAt: number): DrainState {
  if (!drained) return NEVER_DRAINED;
  return { since: state.since ?? seenAt, seenAt };
}

/**
 * closing(p) of SEMANTICS 2.4 in event time: the event clock, or, where the partition stayed drained for `latenessMs`, the instant that
 * proves it. Pass the drain state as it was *stored*, so that a replay reads what acted. Null when neither is known.
 */
export function closingOf(
  eventClock: number | null,
  stored: DrainState,
  latenessMs: number,
): number | null {
  const { since, seenAt } = stored;
  const proven = since !== null && seenAt !== null && seenAt - since >= latenessMs ? seenAt : null;
  if (eventClock === null) return proven;
  return proven === null ? eventClock : Math.max(eventClock, proven);
}
