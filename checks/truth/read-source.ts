import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import type { ReferenceRecord } from '#lib/testing/batch-reference.ts';

/** All records of a topic by KafkaJS's own consumer: it shares no code with the reader under test. Keyed `<topic>-<partition>`. */
export async function readSource(
  brokers: readonly string[],
  topic: string,
): Promise<Map<string, ReferenceRecord[]>> {
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: 'truth',
    logLevel: logLevel.NOTHING,
    retry: { retries: 20, maxRetryTime: 1_000 },
  });
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const records = new Map(
    ends.map(({ partition }) => [`${topic}-${String(partition)}`, [] as ReferenceRecord[]]),
  );
  const missing = new Map(
    ends
      .filter(({ high }) => Number(high) > 0)
      .map(({ partition, high }) => [partition, Number(high)]),
  );
  const consumer = kafka.consumer({ groupId: `truth-${randomUUID()}`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    // After a broker's restart its group coordinator loads for a while: KafkaJS says so by crashing and starting again.
    consumer.on('consumer.crash', ({ payload }) => payload.restart || reject(payload.error));
    void consumer.run({
      eachBatch: async ({ batch }) => {
        const list = records.get(`${topic}-${String(batch.partition)}`) ?? [];
        for (const { offset, timestamp, value } of batch.messages) {
          list.push({
            offset: Number(offset),
            timestamp: Number(timestamp),
            value: value?.toString('utf8') ?? null,
          });
        }
        if (Number(batch.lastOffset()) + 1 >= (missing.get(batch.partition) ?? 0))
          missing.delete(batch.partition);
        if (missing.size === 0) resolve();
      },
    });
  });
  await consumer.disconnect();
  return records;
}
