import { describe, expect, test } from 'vitest';
import { logReaderContract, recordsFrom, TestReader } from '#server/ports/log-reader.contract.ts';
import { logWriterContract } from '#server/ports/log-writer.contract.ts';
import { topicCatalogContract } from '#server/ports/topic-catalog.contract.ts';
import type { LogAnswer } from '#server/ports/log-reader.ts';
import { MemoryWorld } from './fixtures/memory-world.ts';
import { HandClock } from './hand-clock.ts';
import { MemoryCluster } from './memory-cluster.ts';

describe('the cluster in memory', () => {
  logReaderContract(async () => new MemoryWorld());
  logWriterContract(async () => new MemoryWorld());
  topicCatalogContract(async () => new MemoryWorld());
});

const PLAIN = { topic: 't', partitions: 1, config: {} };
const AT_START = [{ topic: 't', partition: 0, next: 0 }];

/** Takes every answer as it comes. */
function collect(cluster: MemoryCluster) {
  const reader = cluster.openReader();
  reader.assign(AT_START);
  const answers: LogAnswer[] = [];
  const stop = new AbortController();
  const ended = (async () => {
    for await (const answer of reader.read(stop.signal)) answers.push(answer);
  })();
  const end = async () => {
    stop.abort();
    await ended;
  };
  return { reader, answers, end };
}

describe('the cluster in memory on a hand-set clock', () => {
  test('a quiet topic is answered each time the clock has moved on by maxWait', async () => {
    const clock = new HandClock();
    const cluster = new MemoryCluster(clock);
    cluster.createTopic(PLAIN);
    const { answers, end } = collect(cluster);
    await clock.run(1_000);
    expect(answers.map(({ sentAt, receivedAt }) => [sentAt, receivedAt])).toEqual([
      [0, 250],
      [250, 500],
      [500, 750],
      [750, 1_000],
    ]);
    await end();
  });

  test('records are answered at once, without time passing, and poke answers an empty question', async () => {
    const clock = new HandClock();
    const cluster = new MemoryCluster(clock);
    cluster.createTopic(PLAIN);
    const { answers, end } = collect(cluster);
    cluster.append('t', 0, recordsFrom(['a', 'b']));
    await clock.settle();
    expect(answers.at(-1)?.partitions).toMatchObject([{ next: 2, end: 2 }]);
    cluster.poke();
    await clock.settle();
    expect(answers).toHaveLength(2);
    await end();
  });

  test('a cluster that is away answers nothing, and the silence begins with the unanswered question', async () => {
    const clock = new HandClock();
    const cluster = new MemoryCluster(clock);
    cluster.createTopic(PLAIN);
    const { reader, answers, end } = collect(cluster);
    await clock.run(250);
    cluster.setReachable(false);
    cluster.append('t', 0, recordsFrom(['unseen']));
    await clock.run(5_000);
    expect(answers).toHaveLength(1);
    expect(reader.silentSince('t', 0)).toBe(250);
    cluster.setReachable(true);
    await clock.settle();
    expect(answers.at(-1)).toMatchObject({ sentAt: 5_250, partitions: [{ next: 1 }] });
    await end();
  });

  test('a frozen cluster answers the very question it was asked, when it thaws', async () => {
    const clock = new HandClock();
    const cluster = new MemoryCluster(clock);
    cluster.createTopic(PLAIN);
    const { answers, end } = collect(cluster);
    await clock.settle();
    cluster.freeze();
    await clock.run(3_000);
    expect(answers).toEqual([]);
    cluster.thaw();
    await clock.settle();
    expect(answers[0]).toMatchObject({ sentAt: 0, receivedAt: 3_000 });
    await end();
  });

  test('an append to a cluster that is away waits, and rejects after 30 s of the clock', async () => {
    const clock = new HandClock();
    const cluster = new MemoryCluster(clock);
    cluster.createTopic(PLAIN);
    cluster.setReachable(false);
    const writer = await cluster.openWriter();
    const appending = writer.append([{ topic: 't', partition: 0, records: recordsFrom(['x']) }]);
    const outcome = expect(appending).rejects.toMatchObject({ code: 'kafka/unreachable' });
    await clock.run(30_000, 1_000);
    await outcome;
    await writer.close();
  });

  test('a lost acknowledgement leaves the record in the log; a refusal does not', async () => {
    const cluster = new MemoryCluster(new HandClock());
    cluster.createTopic(PLAIN);
    const writer = await cluster.openWriter();
    const append = (value: string) =>
      writer.append([{ topic: 't', partition: 0, records: recordsFrom([value]) }]);
    cluster.failNextAppend('lose-ack');
    cluster.failNextAppend('refuse');
    await expect(append('lost')).rejects.toMatchObject({ code: 'kafka/unreachable' });
    await expect(append('refused')).rejects.toMatchObject({ code: 'kafka/unreachable' });
    await append('kept');
    expect(cluster.records('t', 0).map(({ value }) => value)).toEqual(['lost', 'kept']);
    await writer.close();
  });

  test('the broker’s clock may differ from ours by a set skew', async () => {
    const clock = new HandClock();
    const cluster = new MemoryCluster(clock);
    cluster.createTopic({ ...PLAIN, config: { 'message.timestamp.type': 'LogAppendTime' } });
    cluster.setSkew(-700);
    const writer = await cluster.openWriter();
    const { acks } = await writer.append([
      { topic: 't', partition: 0, records: recordsFrom(['x']) },
    ]);
    expect(acks[0]?.appendedAt).toBe(clock.now() - 700);
    await writer.close();
  });

  test('[LR15] an unreadable batch stops its partition with a problem that names topic, partition and offset', async () => {
    const clock = new HandClock();
    const cluster = new MemoryCluster(clock);
    cluster.createTopic({ ...PLAIN, partitions: 2 });
    cluster.append('t', 0, recordsFrom(['good']));
    cluster.append('t', 0, recordsFrom(['bad']));
    cluster.append('t', 1, recordsFrom(['other']));
    cluster.corrupt('t', 0, 1);
    const reader = new TestReader(cluster.openReader(), [
      ...AT_START,
      { topic: 't', partition: 1, next: 0 },
    ]);
    await reader.untilSeen(2);
    expect(reader.answers[0]?.partitions[0]).toMatchObject({
      next: 1,
      problem: { kind: 'corrupt', offset: 1, message: expect.stringContaining('t-0') },
    });
    cluster.append('t', 1, recordsFrom(['goes on']));
    await reader.untilSeen(3);
    await reader.end();
  });

  test('compaction keeps the last record of each key, with its offset', async () => {
    const cluster = new MemoryCluster(new HandClock());
    cluster.createTopic(PLAIN);
    const put = (...keys: string[]) =>
      cluster.append(
        't',
        0,
        keys.map((key) => ({ key, value: `${key}!` })),
      );
    put('a', 'b');
    put('a', 'c');
    put('b');
    cluster.compact('t');
    expect(cluster.records('t', 0).map(({ key, offset }) => [key, offset])).toEqual([
      ['a', 2],
      ['c', 3],
      ['b', 4],
    ]);
    const reader = new TestReader(cluster.openReader(), AT_START);
    const answer = await reader.until(() => true);
    expect(answer.partitions).toMatchObject([{ asked: 0, next: 5, end: 5 }]);
    await reader.end();
  });
});
