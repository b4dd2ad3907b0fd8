import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openEmbeddedBroker, type EmbeddedBroker } from '#server/broker/embedded-broker.ts';
import { JARS_DIR } from '#server/broker/vitest-broker.ts';
import { TestReader } from '#server/ports/log-reader.contract.ts';
import { silentLogger, testClock } from './fixtures/kafka-world.ts';
import { KafkaCluster } from './kafka-cluster.ts';

const TOPIC = 'faults';
const PARTITIONS = [0, 1];

/** Appends one number after another to both partitions until told to stop, however often the broker goes away. */
function keepWriting(cluster: KafkaCluster) {
  const stop = new AbortController();
  let written = 0;
  const done = (async () => {
    const writer = await cluster.openWriter();
    while (!stop.signal.aborted) {
      const records = [{ key: null, value: String(written) }];
      await writer.append(PARTITIONS.map((partition) => ({ topic: TOPIC, partition, records })));
      written += 1;
    }
    await writer.close();
    return written;
  })();
  return {
    written: () => written,
    end: () => {
      stop.abort();
      return done;
    },
  };
}

describe('a broker that is killed or frozen', () => {
  let dir: string;
  let broker: EmbeddedBroker;
  let cluster: KafkaCluster;
  const start = () => openEmbeddedBroker({ dir, jarsDir: JARS_DIR, logger: silentLogger });

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'freshet-faults-'));
    broker = await start();
    cluster = new KafkaCluster({
      name: 'main',
      settings: { brokers: broker.brokers, clientId: 'freshet' },
      clock: testClock,
      logger: silentLogger,
    });
  });
  afterAll(async () => {
    await broker.stop();
    await rm(dir, { recursive: true, force: true });
  });
  const makeTopic = async () => {
    const catalog = await cluster.openCatalog();
    await catalog.ensure([{ topic: TOPIC, partitions: PARTITIONS.length, config: {} }]);
    const ends = await catalog.ends(TOPIC);
    await catalog.close();
    return ends;
  };
  const readNow = async () => {
    const ends = await makeTopic();
    const positions = ends.map(({ partition, end }) => ({ topic: TOPIC, partition, next: end }));
    return new TestReader(cluster.openReader(), positions);
  };
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

  test('[LR18] killed and started again in the middle of writing and reading: nothing lost, nothing twice', async () => {
    const reader = await readNow();
    const writing = keepWriting(cluster);
    for (let round = 0; round < 3; round += 1) {
      const enough = reader.seen.length + 200;
      await reader.untilSeen(enough);
      broker.kill('SIGKILL');
      await broker.exited;
      broker = await start();
    }
    await reader.untilSeen(reader.seen.length + 200);
    const written = await writing.end();
    await reader.untilSeen(written * PARTITIONS.length);
    for (const partition of PARTITIONS) expect(reader.values(partition)).toEqual(numbers(written));
    await reader.end();
  });

  test('[LR19] a frozen broker shows as silence since the unanswered question, and goes on where it was', async () => {
    const reader = await readNow();
    const writing = keepWriting(cluster);
    await reader.untilSeen(50);
    const frozenAt = testClock.monotonic();
    broker.kill('SIGSTOP');
    const next = reader.untilSeen(reader.seen.length + 500);
    // Longer than maxWait and its grace: the question has to be given up and asked again on a new connection.
    await vi.waitFor(() => expect(testClock.monotonic() - frozenAt).toBeGreaterThan(4_500), {
      timeout: 6_000,
      interval: 100,
    });
    const since = reader.reader.silentSince(TOPIC, 0) ?? Infinity;
    expect(since).toBeGreaterThan(frozenAt - 1_000);
    expect(since).toBeLessThan(frozenAt + 1_000);
    broker.kill('SIGCONT');
    await next;
    const written = await writing.end();
    await reader.untilSeen(written * PARTITIONS.length);
    for (const partition of PARTITIONS) expect(reader.values(partition)).toEqual(numbers(written));
    await reader.end();
  });

  test('[LR13] an abort ends within 200 ms while the broker is frozen, and while it is down', async () => {
    await makeTopic();
    const endsWithin = async (prepare: () => Promise<void>) => {
      const reader = cluster.openReader();
      reader.assign(PARTITIONS.map((partition) => ({ topic: TOPIC, partition, next: 0 })));
      const stop = new AbortController();
      const loop = reader.read(stop.signal)[Symbol.asyncIterator]();
      await loop.next();
      const waiting = loop.next();
      await prepare();
      const abortedAt = testClock.monotonic();
      stop.abort();
      for (let step = await waiting; step.done !== true;) step = await loop.next();
      return testClock.monotonic() - abortedAt;
    };
    expect(await endsWithin(async () => void broker.kill('SIGSTOP'))).toBeLessThan(200);
    broker.kill('SIGCONT');
    const down = async () => {
      broker.kill('SIGKILL');
      await broker.exited;
    };
    expect(await endsWithin(down)).toBeLessThan(200);

    const catalog = await cluster.openCatalog();
    const askedAt = testClock.monotonic();
    await expect(catalog.describe([TOPIC])).rejects.toMatchObject({ code: 'kafka/unreachable' });
    expect(testClock.monotonic() - askedAt).toBeLessThan(5_500);
    await catalog.close();
    broker = await start();
  });

  test('[LW4] an append that was given up can neither shadow nor overtake what is written after it', async () => {
    await makeTopic();
    const impatient = new KafkaCluster({
      name: 'main',
      settings: { brokers: broker.brokers, clientId: 'freshet' },
      clock: testClock,
      logger: silentLogger,
      giveUpMs: 1_000,
    });
    const writer = await impatient.openWriter();
    const reader = await readNow();
    const append = (value: string) =>
      writer.append([{ topic: TOPIC, partition: 0, records: [{ key: null, value }] }]);
    await append('first');
    broker.kill('SIGSTOP');
    await expect(append('given up')).rejects.toMatchObject({ code: 'kafka/unreachable' });
    broker.kill('SIGCONT');
    // As long as the broker may still be waking up, later ones may be given up as well: each is its own truth.
    const after: string[] = [];
    for (let i = 0; after.length < 3; i += 1) {
      const value = `after ${i}`;
      await append(value).then(
        () => after.push(value),
        () => {},
      );
    }
    await reader.until(() => reader.values().includes(after.at(-1) ?? ''));
    const seen = reader.values(0);
    expect(seen[0]).toBe('first');
    for (const value of after) expect(seen.filter((v) => v === value)).toEqual([value]);
    const late = seen.lastIndexOf('given up');
    if (late >= 0) expect(late).toBeLessThan(seen.indexOf(after[0] ?? ''));
    await writer.close();
    await reader.end();
  });

  test('[BR4] a broker frozen while it is stopped ends all the same, within 4 s', async () => {
    broker.kill('SIGSTOP');
    const stoppedAt = testClock.monotonic();
    await broker.stop();
    expect(testClock.monotonic() - stoppedAt).toBeLessThan(4_000);
  });
});
