import type { MetricProgress } from '#lib/contracts/progress.ts';
import { idOf, type ClaimInForce } from './values-fold.ts';

/** How far the hub itself is in the partition that a progress record speaks of. */
export interface Reached {
  readonly claim: ClaimInForce | null;
  /** Offset before which everything is applied; null while the partition is not read. */
  readonly next: number | null;
}

export interface HeardProgress {
  /** The newest one that speaks for values the hub has applied; facts come from it. */
  readonly usable: MetricProgress | null;
  /** The newest one of all that is not fenced: when compute was last heard and what it said then. */
  readonly newest: MetricProgress | null;
}

/** What waits, and whether it or one whose place it took knew none: then that of before does not hold any more (a replaced log). */
interface Waiting {
  readonly progress: MetricProgress;
  readonly lost: { readonly frontier: boolean; readonly closing: boolean };
}

interface Held {
  usable: MetricProgress | null;
  newest: MetricProgress | null;
  pending: Waiting | null;
}

const isOf = (progress: MetricProgress, claim: ClaimInForce | null): boolean =>
  claim !== null &&
  claim.generation === progress.generation &&
  claim.instance === progress.instance;

/**
 * A computer that starts again speaks of its last checkpoint at first, a moment behind what was already proven and shown. What was proven stays true (HB25):
 * the values it speaks for are in the topic and are never sent older (SEMANTICS 3.2). Nothing known at all (a replaced log) is taken as it is.
 */
function onward(before: MetricProgress | null, { progress, lost }: Waiting): MetricProgress {
  const later = <T extends number>(a: T | null | undefined, b: T | null): T | null =>
    a != null && b !== null && a > b ? a : b;
  return {
    ...progress,
    frontier: later(lost.frontier ? null : before?.frontier, progress.frontier),
    closing: later(lost.closing ? null : before?.closing, progress.closing),
  };
}

const waiting = (progress: MetricProgress, replaced: Waiting | null): Waiting => ({
  progress,
  lost: {
    frontier: progress.frontier === null || replaced?.lost.frontier === true,
    closing: progress.closing === null || replaced?.lost.closing === true,
  },
});

/** Progress records per metric version (SEMANTICS 4.3, HB10 to HB12, HB25): at most one waits each, the newest replaces it. */
export class ProgressFold {
  readonly #held = new Map<string, Held>();
  readonly #reached: (progress: MetricProgress) => Reached;

  constructor(reached: (progress: MetricProgress) => Reached) {
    this.#reached = reached;
  }

  /** @returns false when an earlier generation than the one in force sent it */
  offer(progress: MetricProgress): boolean {
    const { claim } = this.#reached(progress);
    if (claim !== null && progress.generation < claim.generation) return false;
    const held = this.#heldOf(idOf(progress.metric, progress.version));
    held.newest = progress;
    if (this.#isUsable(progress)) {
      const { pending } = held;
      // What still waits came before it; only a claim not read yet can make it worth keeping.
      const takesPlace = pending !== null && pending.progress.generation <= progress.generation;
      held.usable = onward(held.usable, waiting(progress, takesPlace ? pending : null));
      if (takesPlace) held.pending = null;
    } else held.pending = waiting(progress, held.pending);
    return true;
  }

  /** Looks again at what waits, after values were applied. Returns the metrics whose usable progress changed. */
  settle(): readonly string[] {
    const changed: string[] = [];
    for (const held of this.#held.values()) {
      const { pending } = held;
      if (pending === null || !this.#isUsable(pending.progress)) continue;
      held.usable = onward(held.usable, pending);
      held.pending = null;
      changed.push(pending.progress.metric);
    }
    return changed;
  }

  of(metric: string, version: string): HeardProgress {
    return this.#held.get(idOf(metric, version)) ?? { usable: null, newest: null };
  }

  /** A freed key: nobody computes this metric version any more. */
  forget(metric: string, version: string): void {
    this.#held.delete(idOf(metric, version));
  }

  /**
   * The values were forgotten. Of the same log read again, the newest word holds once they are back; of another log its offsets mean nothing,
   * and only the next word can count.
   */
  forgetUsable({ isSameLog }: { readonly isSameLog: boolean }): void {
    for (const held of this.#held.values()) {
      held.pending = isSameLog && held.newest !== null ? waiting(held.newest, null) : null;
      held.usable = null;
    }
  }

  #isUsable(progress: MetricProgress): boolean {
    const { claim, next } = this.#reached(progress);
    return isOf(progress, claim) && next !== null && next >= progress.through.offset;
  }

  #heldOf(id: string): Held {
    let held = this.#held.get(id);
    if (held === undefined)
      this.#held.set(id, (held = { usable: null, newest: null, pending: null }));
    return held;
  }
}
