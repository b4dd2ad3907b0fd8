import type { InputRange } from '#lib/contracts/metric-record.ts';
import { NEVER_DRAINED, type DrainState } from '#lib/engine/drain.ts';
import { EventClock, type EventClockState } from '#lib/engine/event-clock.ts';
import { ProofRing, type Proof } from '#lib/freshness/proof-ring.ts';

/** Base offset and CRC of the last applied batch: proves on the next start that the log is still the same (SEMANTICS 1.1). */
export interface Anchor {
  readonly baseOffset: number;
  readonly crc: number;
}

/** Offsets that retention deleted before they were read, with the event clock around them (SEMANTICS 1.3). */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly clockBefore: number | null;
  /** Event time of the first event after the gap; null until there is one. */
  readonly firstAfter: number | null;
}

export interface PartitionJson {
  readonly topic: string;
  readonly partition: number;
  readonly id: string | null;
  readonly from: number;
  readonly next: number;
  readonly missing: number;
  readonly startAt: number | null;
  readonly firstAt: number | null;
  readonly clock: EventClockState;
  readonly anchor: Anchor | null;
  readonly gaps: readonly Gap[];
  readonly drain: DrainState;
  readonly frontier: number | null;
  readonly proofs: readonly Proof[];
}

/** All a task knows of one input partition. Mutable; the task owns it. */
export class PartitionState {
  readonly topic: string;
  readonly partition: number;
  id: string | null;
  from: number;
  /** First offset not yet applied. */
  next: number;
  missing: number;
  /** Records stamped before it are passed over: the metric starts there (SEMANTICS 1.4); null once reached or not asked for. */
  startAt: number | null;
  /** Event time of the first valid event since `from`; null before it. */
  firstAt: number | null;
  readonly clock: EventClock;
  anchor: Anchor | null;
  gaps: readonly Gap[];
  drain: DrainState;
  /** The drain state as the checkpoint has it: only this one may act (SEMANTICS 2.4). */
  storedDrain: DrainState;
  readonly proofs: ProofRing;

  constructor(json: PartitionJson, aheadMs: number) {
    this.topic = json.topic;
    this.partition = json.partition;
    this.id = json.id;
    this.from = json.from;
    this.next = json.next;
    this.missing = json.missing;
    this.startAt = json.startAt;
    this.firstAt = json.firstAt;
    this.clock = new EventClock(aheadMs, json.clock);
    this.anchor = json.anchor;
    this.gaps = json.gaps;
    this.drain = json.drain;
    this.storedDrain = json.drain;
    this.proofs = new ProofRing(json.frontier, json.proofs);
  }

  static fresh(
    at: {
      topic: string;
      partition: number;
      id: string | null;
      next: number;
      startAt?: number | null;
    },
    aheadMs: number,
  ): PartitionState {
    return new PartitionState(
      {
        topic: at.topic,
        partition: at.partition,
        id: at.id,
        from: at.next,
        next: at.next,
        missing: 0,
        startAt: at.startAt ?? null,
        firstAt: null,
        clock: { at: null, largest: [] },
        anchor: null,
        gaps: [],
        drain: NEVER_DRAINED,
        frontier: null,
        proofs: [],
      },
      aheadMs,
    );
  }

  get key(): string {
    return `${this.topic}-${String(this.partition)}`;
  }

  range(): InputRange {
    return { id: this.id, from: this.from, next: this.next, missing: this.missing };
  }

  json(): PartitionJson {
    return {
      topic: this.topic,
      partition: this.partition,
      id: this.id,
      from: this.from,
      next: this.next,
      missing: this.missing,
      startAt: this.startAt,
      firstAt: this.firstAt,
      clock: this.clock.state(),
      anchor: this.anchor,
      gaps: this.gaps,
      drain: this.drain,
      frontier: this.proofs.frontier,
      proofs: [...this.proofs.waiting],
    };
  }

  /** Retention deleted [next, start): counted, and windows open across it become partial (SEMANTICS 1.3, WN9). */
  skipTo(start: number): void {
    this.missing += start - this.next;
    this.gaps = [
      ...this.gaps,
      { from: this.next, to: start, clockBefore: this.clock.at, firstAfter: null },
    ];
    this.next = start;
  }

  /**
   * Notes a valid event. Returns the instant before which windows just became partial, or null: the first event of a partition whose
   * beginning is not in the inputs (SEMANTICS 1.4), or the first after a gap.
   */
  noteEvent(eventAt: number): number | null {
    let partialBefore: number | null = null;
    if (this.firstAt === null) {
      this.firstAt = eventAt;
      if (this.from > 0) partialBefore = eventAt;
    }
    const last = this.gaps.at(-1);
    if (last && last.firstAfter === null) {
      this.gaps = [...this.gaps.slice(0, -1), { ...last, firstAfter: eventAt }];
      partialBefore = Math.max(partialBefore ?? 0, eventAt);
    }
    return partialBefore;
  }

  /** Whether a window misses records of this partition, as far as the records in `range()` say (WN8, WN9). */
  isPartial(start: number, end: number, latenessMs: number): boolean {
    if (this.from > 0 && this.firstAt !== null && start < this.firstAt) return true;
    return this.gaps.some(
      ({ clockBefore, firstAfter }) =>
        firstAfter !== null &&
        start < firstAfter &&
        (clockBefore === null || end + latenessMs > clockBefore),
    );
  }
}
