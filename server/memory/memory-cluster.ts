import { AbortedFilter } from '#lib/log/aborted-filter.ts';
import { textRecords, type TextRecord } from '#lib/log/text-records.ts';
import type { Cluster, ReaderOptions } from '#server/ports/cluster.ts';
import type { LogReader } from '#server/ports/log-reader.ts';
import type { LogRecord, LogWriter } from '#server/ports/log-writer.ts';
import type { TopicCatalog, TopicSpec } from '#server/ports/topic-catalog.ts';
import type { MemoryClock } from '#server/memory/memory-clock.ts';
import { MemoryLogReader } from '#server/memory/memory-log-reader.ts';
import { MemoryLogWriter, type AppendFault } from '#server/memory/memory-log-writer.ts';
import { MemoryTopicCatalog } from '#server/memory/memory-topic-catalog.ts';
import { MemoryTopics } from '#server/memory/memory-topics.ts';

const TEXT = new TextEncoder();

/** A transaction of one producer: hidden from readers, and holding back what follows, until it ends. */
export interface MemoryTransaction {
  append(topic: string, partition: number, records: readonly LogRecord[]): void;
  commit(): void;
  abort(): void;
}

/**
 * A Kafka cluster in memory, behind the same ports and held to the same contracts. Time comes from its clock alone:
 *
 * - With a HandClock a reader answers at once when there are records, and else when the clock has moved on by its maxWait, or at `poke()`. So a
 *   service test writes `await clock.run(1_000)` and gets four empty answers and whatever its service does with them, without real time.
 * - Proofs are those of a broker: `sentAt` is when the question was asked, `end` what was appended by the time it was answered.
 */
export class MemoryCluster implements Cluster {
  readonly name: string;
  readonly #topics: MemoryTopics;
  readonly #faults: AppendFault[] = [];
  #producers = 1_000;

  constructor(clock: MemoryClock, name = 'main') {
    this.name = name;
    this.#topics = new MemoryTopics(clock, name);
  }

  openReader(options: ReaderOptions = {}): LogReader {
    const { maxWaitMs = 250, maxBytes = 8 << 20, maxPartitionBytes = 1 << 20 } = options;
    return new MemoryLogReader(this.#topics, { maxWaitMs, maxBytes, maxPartitionBytes });
  }

  async openWriter(): Promise<LogWriter> {
    return new MemoryLogWriter(this.#topics, () => this.#faults.shift());
  }

  async openCatalog(): Promise<TopicCatalog> {
    return new MemoryTopicCatalog(this.#topics);
  }

  /** Creates a topic, or creates it again: new id, empty partitions. */
  createTopic(spec: TopicSpec): void {
    this.#topics.create(spec);
  }

  /** Deletes a topic and creates it anew under its name and settings. */
  recreateTopic(topic: string): void {
    this.#topics.create(this.#topics.existing(topic).spec);
  }

  deleteTopic(topic: string): void {
    this.#topics.remove(topic);
  }

  addPartitions(topic: string, count: number): void {
    this.#topics.addPartitions(topic, count);
  }

  /** Appends one batch outside of any transaction, whether the cluster answers or not: others write, too. @returns its first offset */
  append(topic: string, partition: number, records: readonly LogRecord[]): number {
    const base = this.#append(topic, partition, records, {
      producerId: -1,
      isTransactional: false,
    });
    this.#topics.changed();
    return base;
  }

  begin(): MemoryTransaction {
    const producerId = this.#producers++;
    const touched = new Set<string>();
    const origin = { producerId, isTransactional: true };
    const end = (outcome: 'commit' | 'abort') => {
      for (const place of touched) {
        const cut = place.lastIndexOf(':');
        const log = this.#topics.log(place.slice(0, cut), Number(place.slice(cut + 1)));
        log.endTransaction(producerId, outcome, this.#topics.brokerNow());
      }
      touched.clear();
      this.#topics.changed();
    };
    return {
      append: (topic, partition, records) => {
        this.#append(topic, partition, records, origin);
        touched.add(`${topic}:${partition}`);
        this.#topics.changed();
      },
      commit: () => end('commit'),
      abort: () => end('abort'),
    };
  }

  /** What retention does: everything below `offset` is gone. */
  deleteBefore(topic: string, partition: number, offset: number): void {
    this.#topics.log(topic, partition).deleteBefore(offset);
    this.#topics.changed();
  }

  /** What compaction does, at once, to every partition of a topic. */
  compact(topic: string): void {
    for (const log of this.#topics.existing(topic).partitions) log.compact();
    this.#topics.changed();
  }

  /** Makes the batch that holds `offset` unreadable. */
  corrupt(topic: string, partition: number, offset: number): void {
    this.#topics.log(topic, partition).corrupt(offset);
    this.#topics.changed();
  }

  /** False: questions fail and are asked again later; nothing answers until true. */
  setReachable(isReachable: boolean): void {
    this.#topics.reachability = isReachable ? 'answers' : 'down';
    this.#topics.changed();
  }

  /** The cluster takes questions and does not answer them until `thaw`, which answers the very same ones. */
  freeze(): void {
    this.#topics.reachability = 'frozen';
    this.#topics.changed();
  }

  thaw(): void {
    this.#topics.reachability = 'answers';
    this.#topics.changed();
  }

  /** Answers every open question now, as if its wait were over. */
  poke(): void {
    this.#topics.pokes += 1;
    this.#topics.changed();
  }

  /** Broker's clock minus the process's, ms: for LogAppendTime. */
  setSkew(ms: number): void {
    this.#topics.skewMs = ms;
  }

  /** Arranges what happens to the next append of any writer; several are kept in order. */
  failNextAppend(fault: AppendFault): void {
    this.#faults.push(fault);
  }

  /** The committed records of a partition, for assertions. */
  records(topic: string, partition: number): readonly TextRecord[] {
    const log = this.#topics.log(topic, partition);
    const filter = new AbortedFilter(log.aborted(log.start, log.end));
    return log
      .from(log.start)
      .filter(({ header, controlType }) => filter.isData(header, controlType))
      .flatMap(({ batch }) => textRecords(batch, log.start));
  }

  #append(
    topic: string,
    partition: number,
    records: readonly LogRecord[],
    origin: { readonly producerId: number; readonly isTransactional: boolean },
  ): number {
    const now = this.#topics.clock.now();
    const encoded = records.map(({ key, value, timestamp = now }) => ({
      key: key === null ? null : TEXT.encode(key),
      value: value === null ? null : TEXT.encode(value),
      timestamp,
    }));
    return this.#topics.log(topic, partition).append(encoded, this.#topics.brokerNow(), origin);
  }
}
