import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MonoMs } from '#lib/time/instant.ts';
import { MISSING_CONFIRM_MS, PartitionTable, pauseAfter } from './partition-table.ts';
import { KAFKA_ERROR } from './protocol/error-codes.ts';
import type { ClusterMetadata, TopicMetadata } from './protocol/metadata.ts';

const at = (ms: number) => ms as MonoMs;
const topic = (over: Partial<TopicMetadata> = {}): TopicMetadata => ({
  error: KAFKA_ERROR.none,
  topic: 't',
  id: 'one',
  partitions: [{ error: 0, partition: 0, leader: 1, leaderEpoch: 5 }],
  ...over,
});
const metadata = (...topics: readonly TopicMetadata[]): ClusterMetadata => ({
  nodes: [],
  controllerId: 1,
  topics,
});
const led = (leader: number, leaderEpoch: number) =>
  topic({ partitions: [{ error: 0, partition: 0, leader, leaderEpoch }] });
const MISSING = topic({ error: KAFKA_ERROR.unknownTopicOrPartition, id: null, partitions: [] });

function assigned(): PartitionTable {
  const table = new PartitionTable();
  table.assign({ topic: 't', partition: 0, next: 0 });
  return table;
}

describe('PartitionTable', () => {
  test('[LR8] over the turns every partition comes first, whatever topics they belong to', () => {
    const places = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(5)), {
      minLength: 1,
      selector: ([name, partition]) => `${name}${partition}`,
    });
    fc.assert(
      fc.property(places, (list) => {
        const table = new PartitionTable();
        for (const [name, partition] of list) table.assign({ topic: name, partition, next: 0 });
        for (const p of table.active()) p.leader = 1;
        const topics = new Set(list.map(([name]) => name)).size;
        const first = new Set<string>();
        // A cycle is every topic times the most partitions any topic has; 60 covers the lengths they share.
        for (let turn = 0; turn < topics * 60; turn += 1) {
          const order = table.turnOf(1, at(0));
          expect(order).toHaveLength(list.length);
          const names = order.map((p) => p.topic);
          expect(names.filter((name, i) => name !== names[i - 1])).toHaveLength(topics);
          first.add(`${order[0]?.topic}${order[0]?.partition}`);
        }
        expect(first.size).toBe(list.length);
      }),
      { numRuns: 50 },
    );
  });

  test('[LR21] metadata of an older leader epoch than known is a broker that is behind, and is not believed', () => {
    const table = assigned();
    table.learn(metadata(led(2, 7)), at(0));
    table.learn(metadata(led(1, 6)), at(1));
    expect(table.get('t', 0)).toMatchObject({ leader: 2, leaderEpoch: 7 });
    table.learn(metadata(led(3, 8)), at(2));
    expect(table.get('t', 0)).toMatchObject({ leader: 3, leaderEpoch: 8 });
  });

  test('[LR12] a topic is missing only when metadata still says so after a moment', () => {
    const table = assigned();
    table.learn(metadata(MISSING), at(0));
    table.learn(metadata(MISSING), at(MISSING_CONFIRM_MS - 1));
    expect(table.takeMissing()).toEqual([]);
    expect(table.wantsMetadata()).toBe(true);
    table.learn(metadata(MISSING), at(MISSING_CONFIRM_MS));
    expect(table.takeMissing()).toMatchObject([{ topic: 't', partition: 0, isStopped: true }]);
    expect(table.active()).toEqual([]);
  });

  test('[LR12] a topic that shows up in between was never missing', () => {
    const table = assigned();
    table.learn(metadata(MISSING), at(0));
    table.learn(metadata(topic()), at(100));
    table.learn(metadata(MISSING), at(MISSING_CONFIRM_MS + 50));
    expect(table.takeMissing()).toEqual([]);
  });

  test('[LR12] another id under the same name is another topic; assigned again, its epochs begin anew', () => {
    const table = assigned();
    table.learn(metadata(led(1, 9)), at(0));
    table.learn(metadata(topic({ id: 'two' })), at(1));
    expect(table.takeMissing()).toHaveLength(1);
    table.assign({ topic: 't', partition: 0, next: 0 });
    table.learn(metadata({ ...led(1, 0), id: 'two' }), at(2));
    expect(table.get('t', 0)).toMatchObject({ leader: 1, leaderEpoch: 0, isStopped: false });
  });

  test('[LR12] a topic one may not see says nothing about its existence', () => {
    const table = assigned();
    const hidden = topic({ error: KAFKA_ERROR.topicAuthorizationFailed, id: null, partitions: [] });
    table.learn(metadata(hidden), at(0));
    table.learn(metadata(hidden), at(10_000));
    expect(table.takeMissing()).toEqual([]);
  });

  test('[LR22] a partition that fails waits longer each time, up to a second, without holding up the others', () => {
    const table = assigned();
    table.assign({ topic: 't', partition: 1, next: 0 });
    for (const p of table.active()) p.leader = 1;
    const [failing] = table.active();
    if (failing === undefined) throw new Error('two were assigned');
    table.failed(failing, at(0), true);
    expect(table.turnOf(1, at(49)).map(({ partition }) => partition)).toEqual([1]);
    expect(table.turnOf(1, at(50))).toHaveLength(2);
    for (let i = 0; i < 20; i += 1) table.failed(failing, at(0), true);
    expect(failing.notBefore).toBe(1_000);
    table.answered(failing);
    table.failed(failing, at(0), true);
    expect(failing.notBefore).toBe(50);
  });

  test('[LR22] pauses double from 50 ms to 1 s and stay there', () => {
    expect([1, 2, 3, 4, 5, 6, 50].map(pauseAfter)).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
  });
});
