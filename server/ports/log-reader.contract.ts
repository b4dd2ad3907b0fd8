import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { textRecords, type TextRecord } from '#lib/log/text-records.ts';
import type { Cluster, ReaderOptions } from '#server/ports/cluster.ts';
import type {
  LogAnswer,
  LogPosition,
  LogReader,
  PartitionAnswer,
} from '#server/ports/log-reader.ts';
import type { LogRecord } from '#server/ports/log-writer.ts';

/** What others do to the logs of a cluster while it is read. Topics get unique names and go away with `close`. */
export interface LogWorld {
  readonly cluster: Cluster;
  /** Our monotonic clock, the one of the cluster's proofs. */
  monotonic(): number;
  createTopic(partitions: number): Promise<string>;
  deleteTopic(topic: string): Promise<void>;
  /** Deleted and made again under its name, empty. */
  recreateTopic(topic: string): Promise<void>;
  /** Appends one batch; resolves with its first offset. */
  append(topic: string, partition: number, values: readonly string[]): Promise<number>;
  begin(): Promise<WorldTransaction>;
  deleteBefore(topic: string, partition: number, offset: number): Promise<void>;
  close(): Promise<void>;
}

export interface WorldTransaction {
  append(topic: string, partition: number, values: readonly string[]): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export const recordsFrom = (values: readonly string[]): readonly LogRecord[] =>
  values.map((value) => ({ key: null, value }));

export interface SeenRecord extends TextRecord {
  readonly topic: string;
  readonly partition: number;
}

export const seenIn = (partitions: readonly PartitionAnswer[]): readonly SeenRecord[] =>
  partitions.flatMap(({ topic, partition, asked, batches }) =>
    batches.flatMap((batch) =>
      textRecords(batch, asked).map((record) => ({ topic, partition, ...record })),
    ),
  );

/** A reader under test with the loop around it: takes answers one by one until a condition holds. */
export class TestReader {
  readonly reader: LogReader;
  readonly answers: LogAnswer[] = [];
  readonly seen: SeenRecord[] = [];
  readonly #stop = new AbortController();
  readonly #loop: AsyncIterator<LogAnswer>;

  constructor(reader: LogReader, positions: readonly LogPosition[]) {
    this.reader = reader;
    reader.assign(positions);
    this.#loop = reader.read(this.#stop.signal)[Symbol.asyncIterator]();
  }

  /** Takes answers up to and including the first for which `enough` holds. */
  async until(enough: (answer: LogAnswer) => boolean): Promise<LogAnswer> {
    for (;;) {
      const { done, value } = await this.#loop.next();
      if (done === true) throw new Error('the reader ended');
      this.answers.push(value);
      this.seen.push(...seenIn(value.partitions));
      if (enough(value)) return value;
    }
  }

  untilSeen(count: number): Promise<LogAnswer> {
    return this.until(() => this.seen.length >= count);
  }

  /** Takes answers until one speaks of the partition in the wanted way. */
  async untilPartition(
    { topic, partition }: { readonly topic: string; readonly partition: number },
    wanted: (answer: PartitionAnswer) => boolean,
  ): Promise<PartitionAnswer> {
    let found: PartitionAnswer | undefined;
    await this.until(({ partitions }) => {
      found = partitions.find((p) => p.topic === topic && p.partition === partition && wanted(p));
      return found !== undefined;
    });
    if (found === undefined) throw new Error('unreachable: `until` only ends when it was found');
    return found;
  }

  values(partition?: number): readonly (string | null)[] {
    return this.seen
      .filter((record) => partition === undefined || record.partition === partition)
      .map(({ value }) => value);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    for (let step = await this.#loop.next(); step.done !== true;) step = await this.#loop.next();
  }
}

const QUICK: ReaderOptions = { maxWaitMs: 50 };
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => String(from + i));

/** The promises of LogReader (SPEC, LR rules), in real time, run against every implementation. */
export function logReaderContract(open: () => Promise<LogWorld>): void {
  describe('as a LogReader', () => {
    let world: LogWorld;
    const readers: TestReader[] = [];
    beforeEach(async () => {
      world = await open();
    });
    afterEach(async () => {
      for (const reader of readers.splice(0)) await reader.end();
      await world.close();
    });
    const read = (positions: readonly LogPosition[], options = QUICK) => {
      const reader = new TestReader(world.cluster.openReader(options), positions);
      readers.push(reader);
      return reader;
    };

    test('[LR1] delivers every record once, in offset order, across batches and answers', async () => {
      const topic = await world.createTopic(2);
      const reader = read([0, 1].map((partition) => ({ topic, partition, next: 0 })));
      for (let at = 0; at < 30; at += 3) {
        await world.append(topic, 0, numbers(at, at + 3));
        await world.append(topic, 1, numbers(at, at + 3));
      }
      await reader.untilSeen(60);
      expect(reader.values(0)).toEqual(numbers(0, 30));
      expect(reader.values(1)).toEqual(numbers(0, 30));
      const asked = reader.answers.flatMap((a) => a.partitions.filter((p) => p.partition === 0));
      for (const [i, answer] of asked.entries())
        if (i > 0) expect(answer.asked).toBe(asked[i - 1]?.next);
    });

    test('[LR2] an asked offset inside a batch gives the whole batch, and says from where it counts', async () => {
      const topic = await world.createTopic(1);
      await world.append(topic, 0, numbers(0, 10));
      await world.append(topic, 0, numbers(10, 12));
      const reader = read([{ topic, partition: 0, next: 7 }]);
      const answer = await reader.untilPartition(
        { topic, partition: 0 },
        (p) => p.batches.length > 0,
      );
      expect(answer).toMatchObject({ asked: 7, batches: [{ baseOffset: 0, lastOffset: 9 }, {}] });
      expect(reader.values()).toEqual(numbers(7, 12));
    });

    test('[LR3] asks again only when the next answer is wanted', async () => {
      const topic = await world.createTopic(1);
      await world.append(topic, 0, ['0']);
      const reader = read([{ topic, partition: 0, next: 0 }]);
      await reader.untilSeen(1);
      for (const value of numbers(1, 6)) await world.append(topic, 0, [value]);
      const wantedAt = world.monotonic();
      const answer = await reader.until(() => true);
      expect(answer.sentAt).toBeGreaterThanOrEqual(wantedAt);
      expect(reader.values()).toEqual(numbers(0, 6));
    });

    test('[LR4] an open transaction hides its records and what follows, and shows in the stable offset', async () => {
      const topic = await world.createTopic(1);
      await world.append(topic, 0, ['before']);
      const transaction = await world.begin();
      await transaction.append(topic, 0, ['inside']);
      await world.append(topic, 0, ['behind']);
      const reader = read([{ topic, partition: 0, next: 0 }]);
      const held = await reader.untilPartition({ topic, partition: 0 }, (p) => p.asked === 1);
      expect(held).toMatchObject({ next: 1, stable: 1, end: 3, batches: [] });
      expect(reader.values()).toEqual(['before']);
      await transaction.commit();
      const done = await reader.untilPartition({ topic, partition: 0 }, (p) => p.next === 4);
      expect(reader.values()).toEqual(['before', 'inside', 'behind']);
      expect(done).toMatchObject({ stable: 4, end: 4 });
    });

    test('[LR5] records of an aborted transaction are passed over, those around and after it are not', async () => {
      const topic = await world.createTopic(1);
      const first = await world.begin();
      const second = await world.begin();
      await first.append(topic, 0, ['aborted 1']);
      await second.append(topic, 0, ['committed 1']);
      await first.append(topic, 0, ['aborted 2']);
      await world.append(topic, 0, ['plain']);
      await first.abort();
      await second.append(topic, 0, ['committed 2']);
      await second.commit();
      const reader = read([{ topic, partition: 0, next: 0 }]);
      await reader.untilPartition({ topic, partition: 0 }, (p) => p.next === 7);
      expect(reader.values()).toEqual(['committed 1', 'plain', 'committed 2']);
    });

    test('[LR6] markers of transactions are passed over: a log that ends with one is read to its end', async () => {
      const topic = await world.createTopic(1);
      for (const outcome of ['commit', 'abort'] as const) {
        const transaction = await world.begin();
        await transaction.append(topic, 0, [outcome]);
        await transaction[outcome]();
      }
      const reader = read([{ topic, partition: 0, next: 0 }]);
      const answer = await reader.untilPartition(
        { topic, partition: 0 },
        (p) => p.end === 4 && p.next === p.end,
      );
      expect(answer).toMatchObject({ next: 4, end: 4, stable: 4 });
      expect(reader.values()).toEqual(['commit']);
    });

    test('[LR7] an empty answer proves as much as a full one: ends, and when it was asked', async () => {
      const topic = await world.createTopic(1);
      await world.append(topic, 0, numbers(0, 3));
      const reader = read([{ topic, partition: 0, next: 3 }]);
      const before = world.monotonic();
      await reader.until(() => true);
      const answer = await reader.until(() => true);
      expect(answer.partitions).toEqual([
        {
          topic,
          partition: 0,
          asked: 3,
          next: 3,
          end: 3,
          stable: 3,
          start: 0,
          batches: [],
          problem: null,
        },
      ]);
      expect(answer.sentAt).toBeGreaterThanOrEqual(before);
      expect(answer.receivedAt).toBeGreaterThanOrEqual(answer.sentAt);
      expect(answer.receivedAt - answer.sentAt).toBeLessThan(2_000);
    });

    test('[LR8] a partition that fills every answer does not starve the others', async () => {
      const large = await world.createTopic(2);
      const small = await world.createTopic(1);
      const block = 'x'.repeat(2_000);
      for (let i = 0; i < 40; i += 1) {
        await world.append(large, 0, [block]);
        await world.append(large, 1, [block]);
      }
      await world.append(small, 0, ['small']);
      const reader = read(
        [
          { topic: large, partition: 0, next: 0 },
          { topic: large, partition: 1, next: 0 },
          { topic: small, partition: 0, next: 0 },
        ],
        { maxWaitMs: 50, maxBytes: 2_500, maxPartitionBytes: 2_500 },
      );
      await reader.until(({ partitions }) =>
        partitions.some((p) => p.topic === small && p.batches.length > 0),
      );
      expect(reader.answers.length).toBeLessThanOrEqual(8);
    });

    test('[LR9] a batch larger than the limits is read all the same', async () => {
      const topic = await world.createTopic(2);
      await world.append(topic, 0, ['y'.repeat(50_000)]);
      await world.append(topic, 1, ['z'.repeat(50_000)]);
      const reader = read(
        [0, 1].map((partition) => ({ topic, partition, next: 0 })),
        { maxWaitMs: 50, maxBytes: 1_000, maxPartitionBytes: 1_000 },
      );
      await reader.untilSeen(2);
      expect(reader.values().map((value) => value?.length)).toEqual([50_000, 50_000]);
    });

    test('[LR10] assigning moves the position, also past what was answered for the old one', async () => {
      const topic = await world.createTopic(1);
      await world.append(topic, 0, numbers(0, 5));
      const reader = read([{ topic, partition: 0, next: 0 }]);
      await reader.untilSeen(5);
      reader.reader.assign([{ topic, partition: 0, next: 2 }]);
      const again = await reader.untilPartition({ topic, partition: 0 }, () => true);
      expect(again.asked).toBe(2);
      expect(reader.values()).toEqual([...numbers(0, 5), ...numbers(2, 5)]);
    });

    test('[LR10] partitions may be added and released while reading', async () => {
      const topic = await world.createTopic(2);
      await world.append(topic, 1, ['added']);
      const reader = read([{ topic, partition: 0, next: 0 }]);
      await reader.until(() => true);
      reader.reader.assign([{ topic, partition: 1, next: 0 }]);
      await reader.untilSeen(1);
      reader.reader.release([{ topic, partition: 0 }]);
      await reader.until(() => true); // may have been asked before the release
      const after = await reader.until(() => true);
      expect(after.partitions.map(({ partition }) => partition)).toEqual([1]);
      expect(reader.reader.silentSince(topic, 0)).toBeNull();
    });

    test('[LR11] an offset below the start or past the end is a problem that names both, and stops that partition only', async () => {
      const topic = await world.createTopic(3);
      for (const partition of [0, 1, 2]) await world.append(topic, partition, numbers(0, 5));
      await world.deleteBefore(topic, 0, 3);
      const reader = read([
        { topic, partition: 0, next: 1 },
        { topic, partition: 1, next: 99 },
        { topic, partition: 2, next: 0 },
      ]);
      const problems = new Map<number, PartitionAnswer['problem']>();
      await reader.until(({ partitions }) => {
        for (const p of partitions) if (p.problem !== null) problems.set(p.partition, p.problem);
        return problems.size === 2 && reader.seen.length >= 5;
      });
      expect(problems.get(0)).toEqual({ kind: 'out-of-range', start: 3, end: 5 });
      expect(problems.get(1)).toEqual({ kind: 'out-of-range', start: 0, end: 5 });
      const later = await reader.until(() => true);
      expect(later.partitions.map(({ partition }) => partition)).toEqual([2]);
      reader.reader.assign([{ topic, partition: 0, next: 3 }]);
      await reader.untilSeen(7);
      expect(reader.values(0)).toEqual(['3', '4']);
    });

    test('[LR12] a topic that does not exist is a problem, and is read once it was made and assigned again', async () => {
      const topic = await world.createTopic(1);
      const missing = `${topic}-missing`;
      const reader = read([
        { topic, partition: 0, next: 0 },
        { topic: missing, partition: 0, next: 0 },
      ]);
      const gone = await reader.untilPartition({ topic: missing, partition: 0 }, () => true);
      expect(gone.problem).toEqual({ kind: 'missing' });
      await world.append(topic, 0, ['still read']);
      await reader.untilSeen(1);
    });

    test('[LR12] a topic deleted and made again is missing until it is assigned again', async () => {
      const topic = await world.createTopic(1);
      await world.append(topic, 0, ['old']);
      const reader = read([{ topic, partition: 0, next: 0 }]);
      await reader.untilSeen(1);
      const taking = reader.untilPartition({ topic, partition: 0 }, (p) => p.problem !== null);
      await world.recreateTopic(topic);
      expect((await taking).problem).toMatchObject({
        kind: expect.stringMatching(/missing|out-of-range/),
      });
      await world.append(topic, 0, ['new']);
      reader.reader.assign([{ topic, partition: 0, next: 0 }]);
      await reader.untilSeen(2);
      expect(reader.values()).toEqual(['old', 'new']);
    });

    test('[LR13] an abort ends the loop without an error, also before the first answer', async () => {
      const topic = await world.createTopic(1);
      const reader = world.cluster.openReader(QUICK);
      reader.assign([{ topic, partition: 0, next: 0 }]);
      const stop = new AbortController();
      let answers = 0;
      const loop = (async () => {
        for await (const _ of reader.read(stop.signal)) answers += 1;
      })();
      stop.abort();
      await loop;
      expect(answers).toBe(0);
    });

    test('[LR13] leaving the loop early closes the reader', async () => {
      const topic = await world.createTopic(1);
      const reader = world.cluster.openReader(QUICK);
      reader.assign([{ topic, partition: 0, next: 0 }]);
      for await (const answer of reader.read(new AbortController().signal)) {
        expect(answer.partitions).toHaveLength(1);
        break;
      }
    });

    test('[LR14] a partition whose question was answered is not silent', async () => {
      const topic = await world.createTopic(1);
      await world.append(topic, 0, ['0']);
      const reader = read([{ topic, partition: 0, next: 0 }]);
      await reader.untilSeen(1);
      expect(reader.reader.silentSince(topic, 0)).toBeNull();
    });
  });
}
