import type { TopicSpec } from '#server/ports/topic-catalog.ts';
import { hashOf } from './shop-random.ts';
import { SHOP_STREAMS, type ShopStream } from './shop-world.ts';

export const topicOf = (stream: ShopStream): string => `shop.${stream}`;
export const CUSTOMERS_TOPIC = 'shop.customers';
export const PRODUCTS_TOPIC = 'shop.products';

const DAY_MS = 86_400_000;
/** Keeps a demo that runs for weeks on a laptop below 2 GB: 16 partitions of at most this. */
const PARTITION_BYTES = 128 * 1024 * 1024;

/** What the shop creates where it is absent: streams with the producers' own timestamps, tables compacted. */
export const SHOP_TOPICS: readonly TopicSpec[] = [
  ...SHOP_STREAMS.map((stream) => ({
    topic: topicOf(stream),
    partitions: 4,
    config: {
      'retention.ms': String(DAY_MS),
      'retention.bytes': String(PARTITION_BYTES),
      'segment.bytes': String(PARTITION_BYTES / 8),
    },
  })),
  ...[CUSTOMERS_TOPIC, PRODUCTS_TOPIC].map((topic) => ({
    topic,
    partitions: 1,
    config: { 'cleanup.policy': 'compact' },
  })),
];

/** Partition for each last digit of a key's hash: half of the load on the first, a tenth on each of the last two, as uneven as real keys. */
const UNEVEN = [0, 0, 0, 0, 0, 1, 1, 1, 2, 3];

/** Equal keys share a partition. */
export const partitionOf = (key: string, partitions: number): number =>
  (UNEVEN[hashOf(key) % UNEVEN.length] ?? 0) % partitions;
