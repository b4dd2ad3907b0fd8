import { randomUUID } from 'node:crypto';
import { KafkaCluster } from '#server/kafka/kafka-cluster.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';

export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const PROVIDERS = ['stripe', 'adyen', 'paypal', 'klarna'];
const METHODS = ['card', 'wallet', 'invoice', 'transfer'];
const PARTITIONS = 4;
const PER_APPEND = 2_000;

export const openCluster = (brokers: readonly string[]): KafkaCluster =>
  new KafkaCluster({
    name: 'main',
    settings: { brokers, clientId: 'bench' },
    clock: systemClock,
    logger: silent,
  });

/** A topic of payments as the shop writes them, event times 5 ms apart, over four partitions. Returns its name. */
export async function fillPayments(brokers: readonly string[], records: number): Promise<string> {
  const topic = `bench.${randomUUID()}`;
  const cluster = openCluster(brokers);
  const catalog = await cluster.openCatalog();
  await catalog.ensure([{ topic, partitions: PARTITIONS, config: { 'retention.ms': '-1' } }]);
  const writer = await cluster.openWriter();
  const startAt = Date.now() - records * 5;
  for (let n = 0; n < records; n += PER_APPEND) {
    const list = Array.from({ length: Math.min(PER_APPEND, records - n) }, (_, i) =>
      payment(n + i, startAt),
    );
    await writer.append([{ topic, partition: (n / PER_APPEND) % PARTITIONS, records: list }]);
  }
  await Promise.all([writer.close(), catalog.close()]);
  return topic;
}

function payment(n: number, startAt: number) {
  const at = startAt + n * 5;
  const value = {
    payment_id: `pay-${String(n)}`,
    order_id: `ord-${String(n)}`,
    provider: PROVIDERS[n % 4],
    method: METHODS[(n * 7) % 4],
    status: n % 31 === 0 ? 'failed' : n % 11 === 0 ? 'pending' : 'succeeded',
    amount: (n % 20_000) / 100,
    card_last4: String(1_000 + (n % 9_000)),
    paid_at: new Date(at).toISOString(),
  };
  return { key: value.order_id, value: JSON.stringify(value), timestamp: at };
}
