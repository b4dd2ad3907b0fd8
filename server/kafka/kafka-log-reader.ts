import type { Clock, MonoMs } from '#lib/time/instant.ts';
import type { Logger } from '#server/ports/logger.ts';
import type {
  LogAnswer,
  LogPosition,
  LogReader,
  PartitionAnswer,
} from '#server/ports/log-reader.ts';
import { AnswerQueue } from './answer-queue.ts';
import { Bell } from './bell.ts';
import { interpretFetch, type Reading } from './interpret-fetch.ts';
import type { KafkaLink } from './kafka-link.ts';
import { LinkError } from './link-error.ts';
import { pauseAfter, PartitionTable, type ReadPartition } from './partition-table.ts';
import { fetchCall } from './protocol/fetch.ts';
import { errorName, isAuthorizationError, KAFKA_ERROR } from './protocol/error-codes.ts';
import type { ClusterMetadata } from './protocol/metadata.ts';

/** Beyond the time the broker may wait, an answer is overdue after this, ms. */
const ANSWER_GRACE_MS = 3_000;
const METADATA_TIMEOUT_MS = 5_000;
/** How often metadata is asked while nothing calls for it, ms: KafkaJS's and Java's own habit is minutes. */
const METADATA_MAX_AGE_MS = 30_000;

export interface KafkaLogReaderOptions {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
}

/** Reads assigned partitions over a link of its own: one loop per leader, and one that keeps knowing who leads what. */
export class KafkaLogReader implements LogReader {
  readonly #link: KafkaLink;
  readonly #options: KafkaLogReaderOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #table = new PartitionTable();
  readonly #answers = new AnswerQueue();
  readonly #changed = new Bell();
  readonly #loops = new Map<number, Promise<void>>();
  readonly #refused = new Set<string>();
  #isMetadataWanted = true;

  constructor(link: KafkaLink, options: KafkaLogReaderOptions, clock: Clock, logger: Logger) {
    this.#link = link;
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
  }

  assign(positions: readonly LogPosition[]): void {
    for (const position of positions) this.#table.assign(position);
    this.#isMetadataWanted = true;
    this.#changed.ring();
  }

  release(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    for (const { topic, partition } of partitions) this.#table.release(topic, partition);
  }

  silentSince(topic: string, partition: number): MonoMs | null {
    return this.#table.get(topic, partition)?.silentSince ?? null;
  }

  async *read(signal: AbortSignal): AsyncGenerator<LogAnswer, void, void> {
    const stop = () => {
      this.#link.close();
      this.#answers.close();
      this.#changed.ring();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const keeping = this.#keepMetadata();
    try {
      yield* this.#answers;
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      await keeping;
      await Promise.all(this.#loops.values());
    }
  }

  async #keepMetadata(): Promise<void> {
    let failures = 0;
    while (!this.#link.isClosed) {
      this.#isMetadataWanted = false;
      const startedAt = this.#clock.monotonic();
      const leaderless = this.#table.active().filter(({ leader }) => leader < 0);
      for (const p of leaderless) p.silentSince ??= startedAt;
      try {
        const topics = this.#table.topics();
        if (topics.length > 0) {
          const { answer, sentAt } = await this.#link.metadata(topics, METADATA_TIMEOUT_MS);
          const now = this.#clock.monotonic();
          this.#table.learn(answer, now);
          this.#warnOfRefused(answer);
          this.#reportMissing(sentAt, now);
          this.#startLoops();
        }
        failures = this.#table.wantsMetadata() ? failures + 1 : 0;
      } catch (error) {
        if (this.#link.isClosed) return;
        failures += 1;
        this.#logger.debug('kafka:metadata-failed', { reason: LinkError.from(error, '').message });
      }
      if (failures > 0) await this.#changed.wait(pauseAfter(failures));
      else if (!this.#isMetadataWanted && !this.#link.isClosed)
        await this.#changed.wait(METADATA_MAX_AGE_MS);
    }
  }

  /** A topic one may not see is silent for ever; the log says why, once. */
  #warnOfRefused({ topics }: ClusterMetadata): void {
    for (const { topic, error } of topics) {
      if (!isAuthorizationError(error)) this.#refused.delete(topic);
      else if (!this.#refused.has(topic)) {
        this.#refused.add(topic);
        this.#logger.warn('kafka:topic-refused', { topic, error: errorName(error) });
      }
    }
  }

  #startLoops(): void {
    this.#changed.ring();
    for (const { leader } of this.#table.active()) {
      if (leader < 0 || this.#loops.has(leader)) continue;
      this.#loops.set(leader, this.#readNode(leader));
    }
  }

  async #readNode(nodeId: number): Promise<void> {
    let failures = 0;
    while (!this.#link.isClosed) {
      const now = this.#clock.monotonic();
      const asked = this.#table.turnOf(nodeId, now);
      if (asked.length === 0) {
        const due = this.#table.nextDue(nodeId);
        await this.#changed.wait(due === null ? undefined : Math.max(1, due - now));
        continue;
      }
      try {
        await this.#fetch(nodeId, asked);
        failures = 0;
      } catch (error) {
        if (this.#link.isClosed) return;
        failures += 1;
        this.#logger.debug('kafka:fetch-failed', {
          nodeId,
          failures,
          reason: LinkError.from(error, 'fetch').message,
        });
        this.#wantMetadata();
        await this.#pause(pauseAfter(failures));
      }
    }
  }

  async #fetch(nodeId: number, asked: readonly ReadPartition[]): Promise<void> {
    const { maxWaitMs, maxBytes, maxPartitionBytes } = this.#options;
    const startedAt = this.#clock.monotonic();
    for (const p of asked) p.silentSince ??= startedAt;
    const node = this.#link.node(nodeId);
    if (node === null) throw new LinkError('down', `broker ${nodeId} is not in the metadata`);
    const call = fetchCall({
      maxWaitMs,
      maxBytes: asked.reduce((bytes, p) => Math.max(bytes, p.wantBytes), maxBytes),
      partitions: asked.map((p) => ({
        topic: p.topic,
        partition: p.partition,
        offset: p.next,
        leaderEpoch: p.leaderEpoch,
        maxBytes: Math.max(maxPartitionBytes, p.wantBytes),
      })),
    });
    const epochs = new Map(asked.map((p) => [p, p.leaderEpoch]));
    const { answer, sentAt, receivedAt } = await node.call(call, maxWaitMs + ANSWER_GRACE_MS);
    if (answer.error !== KAFKA_ERROR.none)
      throw new LinkError('down', `fetch error ${answer.error}`);
    const { read, failed } = await interpretFetch(answer.partitions, asked, node);
    // Not assigned anew, not under an older leader epoch, and not read meanwhile from a new leader.
    const isGood = ({ partition, answer: { asked: from } }: Reading) =>
      this.#table.isCurrent(partition) &&
      partition.leaderEpoch === epochs.get(partition) &&
      partition.next === from;
    for (const { partition, wantBytes } of read.filter(isGood)) {
      this.#table.answered(partition);
      partition.wantBytes = wantBytes;
    }
    for (const { partition, error } of failed) this.#noteFailure(partition, error);
    await this.#offer(read, sentAt, receivedAt, isGood);
    if (answer.throttleMs > 0) await this.#pause(answer.throttleMs);
  }

  async #offer(
    read: readonly Reading[],
    sentAt: MonoMs,
    receivedAt: MonoMs,
    isGood: (reading: Reading) => boolean,
  ): Promise<void> {
    let handed: readonly Reading[] = [];
    const outcome = await this.#answers.offer(() => {
      // Looked at when the reader wants it: what was assigned anew while it lay here is left out.
      handed = read.filter(isGood);
      if (handed.length === 0) return null;
      return { sentAt, receivedAt, partitions: handed.map(({ answer }) => answer) };
    });
    if (outcome === 'dropped') return;
    for (const { partition, answer } of handed) {
      partition.next = answer.next;
      if (answer.problem !== null) partition.isStopped = true;
    }
  }

  #noteFailure(partition: ReadPartition, error: number): void {
    if (!this.#table.isCurrent(partition)) return;
    const { topic } = partition;
    this.#logger.debug('kafka:partition-error', { topic, partition: partition.partition, error });
    this.#table.failed(partition, this.#clock.monotonic(), false);
    this.#wantMetadata();
  }

  #reportMissing(sentAt: MonoMs, receivedAt: MonoMs): void {
    const missing = this.#table.takeMissing();
    if (missing.length === 0) return;
    const gone = (p: ReadPartition): PartitionAnswer => ({
      topic: p.topic,
      partition: p.partition,
      asked: p.next,
      next: p.next,
      end: null,
      stable: null,
      start: null,
      batches: [],
      problem: { kind: 'missing' },
    });
    void this.#answers.offer(() => {
      const partitions = missing.filter((p) => this.#table.isCurrent(p)).map(gone);
      return partitions.length === 0 ? null : { sentAt, receivedAt, partitions };
    });
  }

  #wantMetadata(): void {
    this.#isMetadataWanted = true;
    this.#changed.ring();
  }

  /** Ends early when the link is closed. */
  async #pause(ms: number): Promise<void> {
    const until = this.#clock.monotonic() + ms;
    for (let left = ms; left > 0 && !this.#link.isClosed; left = until - this.#clock.monotonic())
      await this.#changed.wait(left);
  }
}
