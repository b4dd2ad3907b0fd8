import { AbortedFilter } from '#lib/log/aborted-filter.ts';
import type { RecordBatch } from '#lib/log/record-batch.ts';
import type { MonoMs } from '#lib/time/instant.ts';
import type {
  LogAnswer,
  LogPosition,
  LogReader,
  PartitionAnswer,
  PartitionProblem,
} from '#server/ports/log-reader.ts';
import type { MemoryLog } from '#server/memory/memory-log.ts';
import type { MemoryTopics } from '#server/memory/memory-topics.ts';

interface Assigned {
  readonly topic: string;
  readonly partition: number;
  /** Id of the topic when it was first seen after the assignment. */
  topicId: string | null;
  next: number;
  isStopped: boolean;
  silentSince: MonoMs | null;
}

export interface MemoryReaderOptions {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
}

/** Reads the logs in memory by the rules of the port, as if one broker led them all. */
export class MemoryLogReader implements LogReader {
  readonly #topics: MemoryTopics;
  readonly #options: MemoryReaderOptions;
  readonly #assigned = new Map<string, Assigned>();
  #turn = 0;

  constructor(topics: MemoryTopics, options: MemoryReaderOptions) {
    this.#topics = topics;
    this.#options = options;
  }

  assign(positions: readonly LogPosition[]): void {
    for (const { topic, partition, next } of positions) {
      this.#assigned.set(`${topic}:${partition}`, {
        topic,
        partition,
        next,
        topicId: null,
        isStopped: false,
        silentSince: null,
      });
    }
    this.#topics.changed();
  }

  release(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    for (const { topic, partition } of partitions) this.#assigned.delete(`${topic}:${partition}`);
  }

  silentSince(topic: string, partition: number): MonoMs | null {
    return this.#assigned.get(`${topic}:${partition}`)?.silentSince ?? null;
  }

  async *read(signal: AbortSignal): AsyncGenerator<LogAnswer, void, void> {
    while (!signal.aborted) {
      const asked = this.#active();
      const sentAt = this.#topics.clock.monotonic();
      for (const a of asked) a.silentSince ??= sentAt;
      if (!(await this.#isAnswered(asked, sentAt, signal))) continue;
      const read = this.#answerAll(asked.filter((a) => this.#isCurrent(a)));
      if (read.length === 0) continue;
      const partitions = read.map(({ answer }) => answer);
      yield { sentAt, receivedAt: this.#topics.clock.monotonic(), partitions };
      for (const { assigned, answer } of read) {
        assigned.next = answer.next;
        if (answer.problem !== null) assigned.isStopped = true;
      }
    }
  }

  #active(): readonly Assigned[] {
    return [...this.#assigned.values()].filter((a) => !a.isStopped);
  }

  #isCurrent(assigned: Assigned): boolean {
    return this.#assigned.get(`${assigned.topic}:${assigned.partition}`) === assigned;
  }

  /**
   * A broker answers at once when there is something, and else when the wait is over; one that is away does not.
   * False when the question has to be asked anew: somebody was assigned, or the cluster was away meanwhile.
   */
  async #isAnswered(
    asked: readonly Assigned[],
    sentAt: MonoMs,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { pokes } = this.#topics;
    let wasDown = false;
    while (!signal.aborted) {
      const { reachability } = this.#topics;
      if (this.#active().some((a) => !asked.includes(a))) return false;
      let waitMs: number | null = null;
      if (reachability === 'down') wasDown = true;
      if (reachability === 'answers') {
        if (wasDown) return false;
        const waited = this.#topics.clock.monotonic() - sentAt;
        const isOver = waited >= this.#options.maxWaitMs || this.#topics.pokes > pokes;
        if (asked.length > 0 && (isOver || asked.some((a) => this.#hasNews(a)))) return true;
        if (asked.length > 0) waitMs = this.#options.maxWaitMs - waited;
      }
      await this.#topics.nextChange(waitMs, signal);
    }
    return false;
  }

  #hasNews(a: Assigned): boolean {
    if (!this.#isCurrent(a)) return false;
    const log = this.#logOf(a);
    if (log === null) return true;
    return a.next < log.start || a.next > log.end || log.from(a.next).length > 0;
  }

  /** Null when the partition is gone, or is another one under the same name. */
  #logOf(a: Assigned): MemoryLog | null {
    const topic = this.#topics.get(a.topic);
    if (topic === undefined || (a.topicId !== null && a.topicId !== topic.id)) return null;
    a.topicId = topic.id;
    return topic.partitions[a.partition] ?? null;
  }

  /** Fills an answer from the front, in a new order each time, until it is full. */
  #answerAll(asked: readonly Assigned[]): { assigned: Assigned; answer: PartitionAnswer }[] {
    const start = asked.length === 0 ? 0 : this.#turn++ % asked.length;
    const inTurn = [...asked.slice(start), ...asked.slice(0, start)];
    let room = this.#options.maxBytes;
    let isEmpty = true;
    return inTurn.map((assigned) => {
      assigned.silentSince = null;
      const limit = Math.min(room, this.#options.maxPartitionBytes);
      const { answer, bytes } = this.#answer(assigned, limit, isEmpty);
      room -= bytes;
      isEmpty &&= bytes === 0;
      return { assigned, answer };
    });
  }

  /** @param isFirst the first batch of an answer is given whatever its size, so that a large one cannot block its partition */
  #answer(
    a: Assigned,
    limit: number,
    isFirst: boolean,
  ): { readonly answer: PartitionAnswer; readonly bytes: number } {
    const log = this.#logOf(a);
    if (log === null) return { answer: problemAnswer(a, { kind: 'missing' }), bytes: 0 };
    const { start, end, stable } = log;
    if (a.next < start || a.next > end)
      return { answer: problemAnswer(a, { kind: 'out-of-range', start, end }), bytes: 0 };
    const filter = new AbortedFilter(log.aborted(a.next, stable));
    const batches: RecordBatch[] = [];
    let bytes = 0;
    let { next } = a;
    let problem: PartitionProblem | null = null;
    for (const stored of log.from(a.next)) {
      const { header } = stored;
      if (bytes + header.size > limit && !(isFirst && bytes === 0)) break;
      if (log.isCorrupt(stored)) {
        problem = corruptProblem(a, header.baseOffset);
        break;
      }
      bytes += header.size;
      if (filter.isData(header, stored.controlType)) batches.push(stored.batch);
      next = header.lastOffset + 1;
    }
    const { topic, partition, next: asked } = a;
    return {
      answer: { topic, partition, asked, next, end, stable, start, batches, problem },
      bytes,
    };
  }
}

const corruptProblem = ({ topic, partition }: Assigned, offset: number): PartitionProblem => ({
  kind: 'corrupt',
  offset,
  message: `The batch at offset ${offset} of ${topic}-${partition} cannot be read: its checksum (CRC32C) does not match its bytes.`,
});

const problemAnswer = (a: Assigned, problem: PartitionProblem): PartitionAnswer => ({
  topic: a.topic,
  partition: a.partition,
  asked: a.next,
  next: a.next,
  end: null,
  stable: null,
  start: null,
  batches: [],
  problem,
});
