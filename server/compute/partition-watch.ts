import type { MonoMs } from '#lib/time/instant.ts';
import type { PartitionAnswer } from '#server/ports/log-reader.ts';

/** Span over which records per second are told. */
const RATE_SPAN_MS = 5_000;

/** What a running task sees of one partition; nothing of it is checkpointed. */
export class PartitionWatch {
  /** Whether the log was found to be the one the state was computed from. */
  verified = false;
  end: number | null = null;
  stable: number | null = null;
  /** Cluster clock; send instant of the last answer. */
  seenAt: number | null = null;
  /** Since when (cluster clock) an open transaction holds back what comes next. */
  blockedSince: number | null = null;
  problem: string | null = null;
  /** End that has to be reached before this start has caught up; null until the first answer. */
  goal: number | null = null;
  readonly startedAt: number;
  #blockedAt = -1;
  #rateFrom: { next: number; mono: MonoMs } | null = null;
  #rate = 0;

  /** @param next first offset this start has to read */
  constructor(next: number) {
    this.startedAt = next;
  }

  answered(part: PartitionAnswer, next: number, seenAt: number | null): void {
    const { end, stable } = part;
    if (end === null) return;
    this.end = end;
    this.stable = stable;
    this.seenAt = seenAt ?? this.seenAt;
    this.goal ??= stable ?? end;
    const blocked = stable !== null && stable < end && next >= stable;
    if (!blocked) {
      this.blockedSince = null;
      this.#blockedAt = -1;
    } else if (this.#blockedAt !== stable) {
      // Another transaction than last time: the wait begins anew.
      this.#blockedAt = stable;
      this.blockedSince = seenAt;
    }
  }

  /** Records per second over the last seconds. */
  rate(next: number, mono: MonoMs): number {
    const from = (this.#rateFrom ??= { next, mono });
    const span = mono - from.mono;
    if (span >= RATE_SPAN_MS) {
      this.#rate = ((next - from.next) * 1_000) / span;
      this.#rateFrom = { next, mono };
    } else if (this.#rate === 0 && span > 0) {
      return ((next - from.next) * 1_000) / span;
    }
    return Math.max(0, this.#rate);
  }
}
