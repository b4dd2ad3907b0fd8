import { describe, inject } from 'vitest';
import { logReaderContract } from '#server/ports/log-reader.contract.ts';
import { logWriterContract } from '#server/ports/log-writer.contract.ts';
import { topicCatalogContract } from '#server/ports/topic-catalog.contract.ts';
import { KafkaWorld } from './fixtures/kafka-world.ts';

describe('a Kafka cluster', () => {
  const open = () => KafkaWorld.open(inject('brokers'));
  logReaderContract(open);
  logWriterContract(open);
  topicCatalogContract(open);
});
