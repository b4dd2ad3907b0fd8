import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cluster } from '#server/ports/cluster.ts';
import { TestReader, type SeenRecord } from '#server/ports/log-reader.contract.ts';
import type { LogWriter } from '#server/ports/log-writer.ts';

export interface WriterWorld {
  readonly cluster: Cluster;
  monotonic(): number;
  /** The machine's wall clock, epoch ms. */
  now(): number;
  createTopic(partitions: number, config?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

/** The promises of LogWriter (SPEC, LW rules), run against every implementation. */
export function logWriterContract(open: () => Promise<WriterWorld>): void {
  describe('as a LogWriter', () => {
    let world: WriterWorld;
    let writer: LogWriter;
    beforeEach(async () => {
      world = await open();
      writer = await world.cluster.openWriter();
    });
    afterEach(async () => {
      await writer.close();
      await world.close();
    });

    const readBack = async (
      topic: string,
      partition: number,
      count: number,
    ): Promise<readonly SeenRecord[]> => {
      const reader = new TestReader(world.cluster.openReader({ maxWaitMs: 50 }), [
        { topic, partition, next: 0 },
      ]);
      await reader.untilSeen(count);
      await reader.end();
      return reader.seen;
    };
    const values = async (topic: string, partition: number, count: number) =>
      (await readBack(topic, partition, count)).map(({ value }) => value);

    test('[LW1] carries out calls in the order they were made, awaited or not', async () => {
      const topic = await world.createTopic(1);
      const calls = Array.from({ length: 20 }, (_, i) =>
        writer.append([{ topic, partition: 0, records: [{ key: 'k', value: String(i) }] }]),
      );
      const acks = await Promise.all(calls);
      expect(acks.map(({ acks: [ack] }) => ack?.baseOffset)).toEqual([...calls.keys()]);
      expect(await values(topic, 0, 20)).toEqual(calls.map((_, i) => String(i)));
    });

    test('[LW2] appends to several topics and partitions in one call, and acknowledges each in its place', async () => {
      const [first, second] = [await world.createTopic(2), await world.createTopic(1)];
      const record = (value: string) => ({ key: null, value });
      const { acks } = await writer.append([
        { topic: first, partition: 1, records: [record('a'), record('b')] },
        { topic: second, partition: 0, records: [record('c')] },
        { topic: first, partition: 0, records: [record('d')] },
        { topic: first, partition: 1, records: [record('e')] },
      ]);
      expect(acks).toMatchObject([
        { topic: first, partition: 1, baseOffset: 0 },
        { topic: second, partition: 0, baseOffset: 0 },
        { topic: first, partition: 0, baseOffset: 0 },
        { topic: first, partition: 1, baseOffset: 2 },
      ]);
      expect(await values(first, 1, 3)).toEqual(['a', 'b', 'e']);
      expect(await values(first, 0, 1)).toEqual(['d']);
      expect(await values(second, 0, 1)).toEqual(['c']);
    });

    test('[LW2] records of one append are one batch', async () => {
      const topic = await world.createTopic(1);
      const records = ['a', 'b', 'c'].map((value) => ({ key: null, value }));
      await writer.append([{ topic, partition: 0, records }]);
      const reader = new TestReader(world.cluster.openReader({ maxWaitMs: 50 }), [
        { topic, partition: 0, next: 0 },
      ]);
      const answer = await reader.untilSeen(3);
      await reader.end();
      expect(answer.partitions[0]?.batches).toMatchObject([
        { baseOffset: 0, lastOffset: 2, count: 3 },
      ]);
    });

    test('[LW2] an append without records is passed over', async () => {
      const topic = await world.createTopic(1);
      const { acks } = await writer.append([{ topic, partition: 0, records: [] }]);
      expect(acks).toEqual([]);
    });

    test('[LW3] keys, values, tombstones and texts of every alphabet arrive as they were', async () => {
      const topic = await world.createTopic(1);
      const records = [
        { key: 'ключ', value: 'wert – 値 🦀' },
        { key: 'gone', value: null },
        { key: null, value: '' },
      ];
      await writer.append([{ topic, partition: 0, records }]);
      expect(await readBack(topic, 0, 3)).toMatchObject(records);
    });

    test('[LW3] with the producer’s timestamps records keep theirs, and an answer says no append time', async () => {
      const topic = await world.createTopic(1);
      const { acks } = await writer.append([
        {
          topic,
          partition: 0,
          records: [
            { key: null, value: 'old', timestamp: 1_600_000_000_000 },
            { key: null, value: 'now' },
          ],
        },
      ]);
      expect(acks[0]?.appendedAt).toBeNull();
      const [old, fresh] = await readBack(topic, 0, 2);
      expect(old?.timestamp).toBe(1_600_000_000_000);
      expect(Math.abs((fresh?.timestamp ?? 0) - world.now())).toBeLessThan(10_000);
    });

    test('[LW3] on LogAppendTime topics the answer carries the broker’s clock, between sent and acknowledged', async () => {
      const topic = await world.createTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
      const clockBefore = world.now();
      const monoBefore = world.monotonic();
      const { acks, sentAt, ackedAt } = await writer.append([
        { topic, partition: 0, records: [{ key: null, value: 'x', timestamp: 1 }] },
      ]);
      expect(sentAt).toBeGreaterThanOrEqual(monoBefore);
      expect(ackedAt).toBeGreaterThanOrEqual(sentAt);
      const appendedAt = acks[0]?.appendedAt ?? 0;
      expect(appendedAt).toBeGreaterThanOrEqual(clockBefore - 1);
      expect(appendedAt).toBeLessThanOrEqual(world.now() + 1);
      const [record] = await readBack(topic, 0, 1);
      expect(record?.timestamp).toBe(appendedAt);
    });

    test('[LW6] a topic that does not exist rejects with kafka/topic-missing and names it; the next call goes on', async () => {
      const topic = await world.createTopic(1);
      const missing = `${topic}-missing`;
      const records = [{ key: null, value: 'x' }];
      await expect(
        writer.append([{ topic: missing, partition: 0, records }]),
      ).rejects.toMatchObject({
        code: 'kafka/topic-missing',
        message: expect.stringContaining(missing),
      });
      const { acks } = await writer.append([{ topic, partition: 0, records }]);
      expect(acks[0]?.baseOffset).toBe(0);
    });

    test('[LW7] a closed writer rejects instead of waiting', async () => {
      const topic = await world.createTopic(1);
      await writer.close();
      const records = [{ key: null, value: 'x' }];
      await expect(writer.append([{ topic, partition: 0, records }])).rejects.toMatchObject({
        code: 'kafka/unreachable',
      });
    });
  });
}
