import type { TopicNames } from '#lib/contracts/topics.ts';
import { AppError } from '#lib/errors/app-error.ts';
import type { Clock, MonoMs } from '#lib/time/instant.ts';
import { pause } from '#server/lifecycle/pause.ts';
import type { Cluster } from '#server/ports/cluster.ts';
import type { HubPosition } from '#server/ports/hub-store.ts';
import type { Logger } from '#server/ports/logger.ts';
import type { LogAnswer, LogReader, PartitionAnswer } from '#server/ports/log-reader.ts';
import type { TopicCatalog } from '#server/ports/topic-catalog.ts';
import { applyProgress, applyValues } from './apply-answer.ts';
import type { HistoryWriter } from './history-writer.ts';
import { AnswerChanges, type HubMemory } from './hub-memory.ts';
import { findTopics, isReplaced, type FoundTopics } from './hub-topics.ts';

/** Small answers: a thousand values take about 10 ms of the thread that serves the screens. */
const READER = { maxBytes: 2 << 20, maxPartitionBytes: 512 << 10 } as const;
/** How often our topics are compared with those we read, ms. */
const COMPARE_MS = 2_000;
/** A partition that stopped is tried again this often, ms. */
const RETRY_MS = 5_000;
const RECONNECT_MS = 500;

export interface ReadingParts {
  readonly cluster: Cluster;
  readonly names: TopicNames;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly memory: HubMemory;
  readonly history: HistoryWriter;
  /** Cluster clock, roughly: how far back memory reaches. */
  readonly now: () => number;
  readonly onChanges: (changes: AnswerChanges) => void;
  /** What was known before is void, or is shown from now on. */
  readonly onReset: () => void;
}

/**
 * Reads the values and the progress topic and keeps the hub's memory (HB1, HB6 to HB9). Everything that changes the memory happens in
 * this one flow, answer by answer: the next one is taken when the rows of the last are handed over and there is room for more.
 */
export class HubReading {
  readonly #parts: ReadingParts;
  /** Values partitions: the end seen at the start; a metric is served once its partition was read up to it (SEMANTICS 3.6). */
  readonly #goals = new Map<number, number>();
  /** Partitions that stopped, by `<topic>-<partition>`, with the sentence that says why. */
  readonly #problems = new Map<string, string>();
  #valuesId: string | null = null;
  #progress: { id: string | null; next: number; goal: number } | null = null;
  #reader: LogReader | null = null;
  /** Since when there is no reader; null while there is one. */
  #apartSince: MonoMs;
  #answeredAt: MonoMs | null = null;
  #servedCount = 0;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
    this.#apartSince = parts.clock.monotonic();
  }

  /** When an answer was last received, our monotonic clock; null before the first. */
  get answeredAt(): MonoMs | null {
    return this.#answeredAt;
  }

  /** True once the partition, and progress, are read up to the ends seen at the start. */
  isServed(partition: number): boolean {
    const goal = this.#goals.get(partition);
    if (goal === undefined || !this.#isProgressRead()) return false;
    return (this.#parts.memory.values.next(partition) ?? -1) >= goal;
  }

  get isReady(): boolean {
    return this.#goals.size > 0 && [...this.#goals.keys()].every((each) => this.isServed(each));
  }

  get partitionCount(): number {
    return this.#goals.size;
  }

  /** Since when the topics of a values partition give no answer, our monotonic clock; null when they do. */
  silentSince(partition: number): MonoMs | null {
    const { names } = this.#parts;
    if (this.#reader === null) return this.#apartSince;
    const values = this.#reader.silentSince(names.values, partition);
    const progress = this.#reader.silentSince(names.progress, 0);
    if (values === null || progress === null) return values ?? progress;
    return values < progress ? values : progress;
  }

  /** Why the hub itself cannot go on with a partition, as a sentence; null when it can. */
  problem(partition: number): string | null {
    const { names, history } = this.#parts;
    return (
      this.#problems.get(`${names.values}-${partition}`) ??
      this.#problems.get(`${names.progress}-0`) ??
      history.problem
    );
  }

  /** Where the values topic is applied up to, with the claims in force: what the store keeps beside the rows. */
  positions(): readonly HubPosition[] {
    const { names, memory } = this.#parts;
    return memory.values.partitions().map((partition) => ({
      topic: names.values,
      partition,
      topicId: this.#valuesId,
      next: memory.values.next(partition) ?? 0,
      claims: memory.values.claimsText(partition),
    }));
  }

  /** Goes on from what the store has kept. */
  restore(positions: readonly HubPosition[]): void {
    for (const { partition, next, claims, topicId } of positions) {
      this.#parts.memory.values.follow(partition, next, claims);
      this.#valuesId = topicId;
    }
  }

  /** Reads until `signal` aborts; a cluster that does not answer is asked again for ever, one that refuses is an error. */
  async run(signal: AbortSignal): Promise<void> {
    const catalog = await this.#parts.cluster.openCatalog();
    const close = (): void => void catalog.close();
    signal.addEventListener('abort', close);
    try {
      while (!signal.aborted) {
        const found = await this.#find(catalog, signal);
        if (found === null) continue;
        await this.#align(found);
        await this.#session(catalog, found, signal);
        await pause(RECONNECT_MS, signal);
      }
    } finally {
      signal.removeEventListener('abort', close);
      await catalog.close();
    }
  }

  async #find(catalog: TopicCatalog, signal: AbortSignal): Promise<FoundTopics | null> {
    try {
      return await findTopics(catalog, this.#parts.names);
    } catch (error) {
      if (signal.aborted) return null;
      if (error instanceof AppError && error.code === 'kafka/authorization') throw error;
      this.#parts.logger.warn('hub:topics-not-found', { error });
      await pause(RECONNECT_MS, signal);
      return null;
    }
  }

  /** Compares what was read with what is there, and sets out from where both agree (SEMANTICS 3.6). */
  async #align({ values, progress }: FoundTopics): Promise<void> {
    const { memory, history, logger, onReset } = this.#parts;
    // The anchor of SEMANTICS 1.1 cannot serve here: compaction rewrites batches. Identity and range must do.
    const isOther = this.#valuesId !== null && values.id !== null && this.#valuesId !== values.id;
    const isPast = values.partitions.some(({ partition, end }) => {
      const next = memory.values.next(partition);
      return next !== null && next > end;
    });
    const isUnseen = values.partitions.some(({ partition, start }) => {
      const next = memory.values.next(partition);
      return next !== null && next < start;
    });
    if (isOther || isPast || isUnseen) {
      logger.warn('hub:log-replaced', { topic: values.topic, isOther, isPast, isUnseen });
      await history.forget(values.topic);
      memory.values.clear();
      memory.progress.forgetUsable({ isSameLog: !isOther && !isPast });
      this.#goals.clear();
      this.#servedCount = 0;
      onReset();
    }
    this.#valuesId = values.id;
    for (const { partition, start, end } of values.partitions) {
      if (memory.values.next(partition) === null) memory.values.follow(partition, start);
      if (!this.#goals.has(partition)) this.#goals.set(partition, end);
    }
    const [log] = progress.partitions;
    const { start, end } = log ?? { start: 0, end: 0 };
    const known = this.#progress;
    // The topic is compacted and small: it is read from its start, but for what this very hub has read already.
    const isKnown =
      known !== null && known.id === progress.id && known.next >= start && known.next <= end;
    this.#progress = isKnown ? known : { id: progress.id, next: start, goal: end };
    this.#tellServed();
  }

  async #session(catalog: TopicCatalog, found: FoundTopics, signal: AbortSignal): Promise<void> {
    const { cluster, history } = this.#parts;
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    const reader = cluster.openReader(READER);
    reader.assign(this.#wanted());
    this.#problems.clear();
    this.#reader = reader;
    const end = (): void => over.abort();
    const watching = Promise.all([
      this.#compare(catalog, found, both).then(end),
      this.#retryStopped(reader, both),
    ]);
    try {
      for await (const answer of reader.read(both)) {
        this.#apply(answer, end);
        await history.room(both);
      }
    } finally {
      this.#apartSince = this.#parts.clock.monotonic();
      this.#reader = null;
      end();
      await watching;
    }
  }

  /** Ends when another topic stands under one of our names, or `signal` aborts. */
  async #compare(catalog: TopicCatalog, found: FoundTopics, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(COMPARE_MS, signal);
      if (signal.aborted) return;
      // Not to know is no reason to stop reading.
      if (await isReplaced(catalog, found).catch(() => false)) return;
    }
  }

  async #retryStopped(reader: LogReader, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(RETRY_MS, signal);
      if (!signal.aborted)
        reader.assign(
          this.#wanted().filter((each) => this.#problems.has(`${each.topic}-${each.partition}`)),
        );
    }
  }

  #wanted(): { topic: string; partition: number; next: number }[] {
    const { names, memory } = this.#parts;
    const values = memory.values.partitions().map((partition) => ({
      topic: names.values,
      partition,
      next: memory.values.next(partition) ?? 0,
    }));
    return [...values, { topic: names.progress, partition: 0, next: this.#progress?.next ?? 0 }];
  }

  #apply(answer: LogAnswer, end: () => void): void {
    const { names, memory, history, now, onChanges } = this.#parts;
    this.#answeredAt = answer.receivedAt;
    const changes = new AnswerChanges();
    const to = { now: now(), keep: (row: Parameters<HistoryWriter['add']>[0]) => history.add(row) };
    const usable = answer.partitions.filter((part) => this.#isUsable(part, end));
    for (const part of usable) {
      if (part.topic !== names.values || memory.values.next(part.partition) !== part.asked)
        continue;
      applyValues(part, memory, changes, to);
      if (part.next > part.asked) history.moved();
    }
    for (const part of usable) {
      const progress = this.#progress;
      if (part.topic !== names.progress || progress === null || part.asked !== progress.next)
        continue;
      applyProgress(part, memory, changes);
      progress.next = part.next;
    }
    for (const metric of memory.progress.settle()) changes.facts.add(metric);
    if (changes.points.size > 0 || changes.facts.size > 0) onChanges(changes);
    this.#tellServed();
  }

  #isUsable(part: PartitionAnswer, end: () => void): boolean {
    const name = `${part.topic}-${part.partition}`;
    const { problem } = part;
    if (problem === null) {
      this.#problems.delete(name);
      return true;
    }
    if (problem.kind === 'corrupt') {
      if (!this.#problems.has(name))
        this.#parts.logger.error('hub:partition-stopped', { name, problem });
      this.#problems.set(name, problem.message);
      return true;
    }
    // Gone, or not the log we knew: find out anew what is there.
    this.#parts.logger.warn('hub:partition-lost', { name, problem });
    end();
    return false;
  }

  #isProgressRead(): boolean {
    return this.#progress !== null && this.#progress.next >= this.#progress.goal;
  }

  /** Metrics that are served from now on were not before: whoever looked must look again. */
  #tellServed(): void {
    if (this.#servedCount === this.#goals.size) return;
    const served = [...this.#goals.keys()].filter((each) => this.isServed(each)).length;
    if (served === this.#servedCount) return;
    this.#servedCount = served;
    this.#parts.onReset();
  }
}
