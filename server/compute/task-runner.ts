import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MetricProgress } from '#lib/contracts/progress.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { foldDrain } from '#lib/engine/drain.ts';
import type { PartitionState } from '#lib/engine/partition-state.ts';
import type { InvalidNote, TaskState } from '#lib/engine/task-state.ts';
import { RecordCursor } from '#lib/log/record-cursor.ts';
import type { MonoMs } from '#lib/time/instant.ts';
import type { ComputeParts } from '#server/compute/compute-parts.ts';
import type { CutPublisher } from '#server/compute/cut-publisher.ts';
import type { HopWatch } from '#server/compute/hop-watch.ts';
import { PartitionWatch } from '#server/compute/partition-watch.ts';
import { textOf } from '#server/records/record-text.ts';
import { taskProgress } from '#server/compute/task-progress.ts';
import type { LogReader, PartitionAnswer } from '#server/ports/log-reader.ts';

/** Longest stretch of applying before other work of this thread gets a turn. */
const TURN_MS = 10;

/** One task at run time: reads its partitions, applies what they answer, and has its cuts published. */
export class TaskRunner {
  readonly id: string;
  readonly state: TaskState;
  readonly cuts: CutPublisher;
  readonly watches = new Map<string, PartitionWatch>();
  readonly hops: HopWatch;
  /** Send instant (cluster clock) of the last good answer about the partition list (SEMANTICS 1.5). */
  listSeenAt: number | null = null;
  /** Whether the last answer said that there is no such topic. */
  topicIsMissing = false;
  readonly #parts: ComputeParts;
  readonly #keepAside: (notes: readonly InvalidNote[], signal: AbortSignal) => Promise<void>;
  #reader: LogReader | null = null;
  #asidePending = false;

  constructor(
    id: string,
    state: TaskState,
    cuts: CutPublisher,
    parts: ComputeParts,
    keepAside: (notes: readonly InvalidNote[], signal: AbortSignal) => Promise<void>,
  ) {
    this.id = id;
    this.state = state;
    this.cuts = cuts;
    this.hops = cuts.hops;
    this.#parts = parts;
    this.#keepAside = keepAside;
    for (const partition of state.partitions.values()) this.#watch(partition);
  }

  /** False while a bad record is read but not yet kept aside: a checkpoint now could lose it. */
  get checkpointable(): boolean {
    return !this.#asidePending;
  }

  /** Adds a partition that appeared, or the first ones of a topic. */
  addPartition(partition: PartitionState): void {
    this.state.addPartition(partition);
    this.#watch(partition);
    this.#reader?.assign([partition]);
  }

  /** Reads and publishes until `signal` aborts; rejects when it cannot go on. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    try {
      await Promise.all([this.#read(both), this.cuts.run(both)]);
    } finally {
      stop.abort();
    }
  }

  progress(mono: MonoMs): readonly MetricProgress[] {
    const { clusterClock } = this.#parts;
    return taskProgress(
      {
        state: this.state,
        cuts: this.cuts,
        hops: this.hops,
        watches: this.watches,
        listSeenAt: this.listSeenAt,
        topicIsMissing: this.topicIsMissing,
        silentSince: (topic, partition) => this.#reader?.silentSince(topic, partition) ?? null,
        partitionOf: (metric, version) => this.cuts.partitionOf(metric, version),
        instance: this.#parts.instance,
      },
      clusterClock,
      mono,
    );
  }

  #watch(partition: PartitionState): void {
    this.watches.set(partition.key, new PartitionWatch(partition.next));
  }

  async #read(signal: AbortSignal): Promise<void> {
    const reader = this.#parts.cluster.openReader();
    this.#reader = reader;
    // A batch back, so that the first answer shows whether the log is still the one the state was computed from (SEMANTICS 1.1).
    const from = ({ topic, partition, next, anchor }: PartitionState) => ({
      topic,
      partition,
      next: anchor?.baseOffset ?? next,
    });
    reader.assign([...this.state.partitions.values()].map(from));
    for await (const answer of reader.read(signal)) {
      const fetchedAt = this.#parts.clusterClock.read(answer.receivedAt)?.at ?? null;
      const seenAt = this.#parts.clusterClock.earliest(answer.sentAt);
      for (const part of answer.partitions) {
        await this.#take(
          part,
          seenAt,
          fetchedAt === null ? null : Math.floor(fetchedAt),
          reader,
          signal,
        );
      }
      this.cuts.consider();
    }
  }

  async #take(
    part: PartitionAnswer,
    seenAt: number | null,
    fetchedAt: number | null,
    reader: LogReader,
    signal: AbortSignal,
  ): Promise<void> {
    const partition = this.state.partitions.get(`${part.topic}-${String(part.partition)}`);
    const watch = partition && this.watches.get(partition.key);
    if (!partition || !watch) return;
    if (!watch.verified && !this.#verify(partition, watch, part, reader)) return;
    if (part.next < partition.next || part.asked > partition.next) return;
    if (part.problem) return this.#refuse(partition, watch, part, reader);
    await this.#apply(partition, part, fetchedAt, signal);
    watch.answered(part, partition.next, seenAt);
    if (part.end === null || seenAt === null) return;
    partition.proofs.push({ end: part.end, seenAt });
    partition.drain = foldDrain(partition.drain, partition.next >= part.end, seenAt);
  }

  /** Compares the anchor with the first answer. False when this answer is not to be applied. */
  #verify(
    partition: PartitionState,
    watch: PartitionWatch,
    part: PartitionAnswer,
    reader: LogReader,
  ): boolean {
    const { anchor, next } = partition;
    const end = part.end ?? (part.problem?.kind === 'out-of-range' ? part.problem.end : null);
    if (end !== null && end < next)
      throw logReplaced(
        partition,
        `it ends at ${String(end)}, before offset ${String(next)} that was read`,
      );
    const [first] = part.batches;
    if (anchor === null || part.problem?.kind === 'out-of-range') {
      watch.verified = true;
      if (anchor !== null) reader.assign([partition]);
      return anchor === null;
    }
    if (!first || part.problem) return false;
    if (first.baseOffset === anchor.baseOffset && first.crc !== anchor.crc) {
      throw logReplaced(
        partition,
        `the batch at offset ${String(anchor.baseOffset)} is another one`,
      );
    }
    watch.verified = true;
    return true;
  }

  #refuse(
    partition: PartitionState,
    watch: PartitionWatch,
    part: PartitionAnswer,
    reader: LogReader,
  ): void {
    const { problem } = part;
    const where = `Partition ${String(part.partition)} of topic ${part.topic}`;
    if (problem?.kind === 'out-of-range') {
      if (problem.start <= partition.next)
        throw logReplaced(partition, `it holds ${String(problem.start)} to ${String(problem.end)}`);
      this.#parts.logger.warn('compute:records-missing', {
        topic: part.topic,
        partition: part.partition,
        from: partition.next,
        to: problem.start,
      });
      partition.skipTo(problem.start);
      reader.assign([partition]);
    } else if (problem?.kind === 'corrupt') {
      watch.problem = `${where} has a damaged batch at offset ${String(problem.offset)} and is not read further: ${problem.message}`;
      this.#parts.logger.error('compute:corrupt-batch', {
        topic: part.topic,
        partition: part.partition,
        offset: problem.offset,
      });
    } else {
      watch.problem = `${where} is gone.`;
      this.#parts.logger.error('compute:partition-missing', {
        topic: part.topic,
        partition: part.partition,
      });
    }
  }

  async #apply(
    partition: PartitionState,
    part: PartitionAnswer,
    fetchedAt: number | null,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, clusterClock } = this.#parts;
    const notes: InvalidNote[] = [];
    let turnSince = clock.monotonic();
    for (const batch of part.batches) {
      if (batch.lastOffset < partition.next) continue;
      const at = clusterClock.read(clock.monotonic())?.at ?? null;
      const instants = { fetchedAt, computedAt: at === null ? null : Math.floor(at) };
      const cursor = new RecordCursor(batch, partition.next);
      while (cursor.next()) {
        const { offset, timestamp } = cursor;
        const text = textOf(cursor.bytes, cursor.valueStart, cursor.valueEnd);
        this.state.apply(partition, { offset, timestamp, text }, instants, (note) =>
          notes.push(note),
        );
      }
      this.hops.fetched(batch.maxTimestamp, fetchedAt, batch.count);
      partition.next = batch.lastOffset + 1;
      partition.anchor = { baseOffset: batch.baseOffset, crc: batch.crc };
      if (notes.length > 0) await this.#aside(notes, signal);
      if (clock.monotonic() - turnSince > TURN_MS) {
        this.cuts.consider();
        await nextTurn();
        turnSince = clock.monotonic();
      }
    }
    partition.next = Math.max(partition.next, part.next);
  }

  async #aside(notes: InvalidNote[], signal: AbortSignal): Promise<void> {
    this.#asidePending = true;
    await this.#keepAside(notes.splice(0), signal);
    this.#asidePending = signal.aborted;
  }
}

function logReplaced(partition: PartitionState, how: string): AppError {
  return new AppError(
    'compute/log-replaced',
    `Topic ${partition.topic} partition ${String(partition.partition)} is not the log it was: ${how}. Its metrics are computed anew from its start.`,
    { topic: partition.topic, partition: partition.partition, next: partition.next },
  );
}
