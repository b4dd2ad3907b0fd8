import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import kjs from 'kafkajs';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestReader } from '#server/ports/log-reader.contract.ts';
import { KafkaWorld, silentLogger, testClock } from './fixtures/kafka-world.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { KafkaLink } from './kafka-link.ts';
import { openKafkaJs } from './kafkajs-parts.ts';
import { METADATA_WITH_IDS, metadataCall } from './protocol/metadata.ts';

// KafkaJS has zstd's number but no codec for it; this is the peer's, for producing.
kjs.CompressionCodecs[kjs.CompressionTypes.ZSTD] = () => ({
  compress: async (encoder: { buffer: Buffer }) =>
    (await import('node:zlib')).zstdCompressSync(encoder.buffer),
  decompress: async (packed: Buffer) => (await import('node:zlib')).zstdDecompressSync(packed),
});

describe('the link to a Kafka cluster', () => {
  const settings = () => ({ brokers: inject('brokers'), clientId: 'freshet' });
  let world: KafkaWorld;
  let link: KafkaLink;
  beforeEach(async () => {
    world = await KafkaWorld.open(inject('brokers'));
    link = new KafkaLink(settings(), testClock, silentLogger);
  });
  afterEach(async () => {
    link.close();
    await world.close();
  });

  test('[LR20] the private parts of KafkaJS that we use are there', async () => {
    const parts = openKafkaJs(settings(), silentLogger, () => {});
    const broker = await parts.broker('127.0.0.1', 1);
    expect(typeof broker.connect).toBe('function');
    expect(typeof broker.connectionPool.send).toBe('function');
    for (const { requestQueue } of broker.connectionPool.pool) {
      expect(typeof requestQueue.maybeThrottle).toBe('function');
      expect(typeof requestQueue.scheduleCheckPendingRequests).toBe('function');
    }
    expect(parts.encode(Buffer.from('body'))).toMatchObject({ buffer: Buffer.from('body') });
  });

  test('[TC4] older brokers, without topic ids, tell leaders and epochs all the same', async () => {
    const topic = await world.createTopic(2);
    const names = [topic, `${topic}-missing`];
    const { answer: now } = await link.metadata(names, 5_000);
    const node = link.node(now.controllerId);
    if (node === null) throw new Error('the metadata named its controller');
    const { answer: then } = await node.call(metadataCall(names, METADATA_WITH_IDS - 1), 5_000);
    const withoutIds = now.topics.map((described) => ({ ...described, id: null }));
    const byName = (a: { topic: string }, b: { topic: string }) => (a.topic < b.topic ? -1 : 1);
    expect(then.topics.toSorted(byName)).toEqual(withoutIds.toSorted(byName));
    expect(then.nodes).toEqual(now.nodes);
  });

  test('[LR23] addresses that do not answer are passed over for one that does', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const brokers = [`127.0.0.1:${port}`, '127.0.0.1:1', ...inject('brokers')];
    const cluster = new KafkaCluster({
      name: 'main',
      settings: { brokers, clientId: 'freshet' },
      clock: testClock,
      logger: silentLogger,
    });
    const catalog = await cluster.openCatalog();
    const topic = await world.createTopic(1);
    expect((await catalog.describe([topic])).topics).toMatchObject([{ kind: 'present' }]);
    await catalog.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test('[TC5] a cluster that takes connections and never answers is unreachable within 5 s', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const cluster = new KafkaCluster({
      name: 'quiet',
      settings: { brokers: [`127.0.0.1:${port}`], clientId: 'freshet' },
      clock: testClock,
      logger: silentLogger,
    });
    const catalog = await cluster.openCatalog();
    const askedAt = testClock.monotonic();
    await expect(catalog.describe(['any'])).rejects.toMatchObject({
      code: 'kafka/unreachable',
      message: expect.stringContaining('quiet'),
    });
    expect(testClock.monotonic() - askedAt).toBeLessThan(5_500);
    await catalog.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test.each([
    ['gzip', kjs.CompressionTypes.GZIP],
    ['zstd', kjs.CompressionTypes.ZSTD],
  ])('[LR17] reads what a producer compressed with %s', async (_, compression) => {
    const topic = await world.createTopic(1);
    const values = Array.from({ length: 200 }, (_, i) => `value ${i}`);
    await world.appendCompressed(topic, 0, values, compression);
    const reader = new TestReader(world.cluster.openReader({ maxWaitMs: 50 }), [
      { topic, partition: 0, next: 0 },
    ]);
    await reader.untilSeen(values.length);
    expect(reader.values()).toEqual(values);
    await reader.end();
  });

  test('[LW8] KafkaJS reads what our writer wrote', async () => {
    const topic = await world.createTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
    const writer = await world.cluster.openWriter();
    const values = Array.from({ length: 50 }, (_, i) => `value ${i}`);
    for (const value of values)
      await writer.append([{ topic, partition: 0, records: [{ key: 'k', value }] }]);
    await writer.close();
    const kafka = new kjs.Kafka({
      brokers: [...inject('brokers')],
      logLevel: kjs.logLevel.NOTHING,
    });
    const consumer = kafka.consumer({ groupId: `test-${randomUUID()}` });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const seen: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ message }: kjs.EachMessagePayload) => {
        seen.push(`${message.key?.toString()} ${message.value?.toString()}`);
        if (seen.length === values.length) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    expect(seen).toEqual(values.map((value) => `k ${value}`));
  });
});
