import type { Clock } from '#lib/time/instant.ts';
import type { Cluster, ReaderOptions } from '#server/ports/cluster.ts';
import type { Logger } from '#server/ports/logger.ts';
import type { LogReader } from '#server/ports/log-reader.ts';
import type { LogWriter } from '#server/ports/log-writer.ts';
import type { TopicCatalog } from '#server/ports/topic-catalog.ts';
import { KafkaLink } from './kafka-link.ts';
import { KafkaLogReader } from './kafka-log-reader.ts';
import { KafkaLogWriter } from './kafka-log-writer.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import { KafkaTopicCatalog } from './kafka-topic-catalog.ts';

/** How long an append is tried again before it rejects, ms: longer than a broker takes to come back, shorter than a person's patience. */
const GIVE_UP_MS = 30_000;

export interface KafkaClusterOptions {
  /** The name definitions use for it. */
  readonly name: string;
  readonly settings: KafkaSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default 30 s. */
  readonly giveUpMs?: number;
}

/** A Kafka cluster. Everything it opens has connections of its own and makes them when first used: a cluster that is down is no error here. */
export class KafkaCluster implements Cluster {
  readonly name: string;
  readonly #options: KafkaClusterOptions;

  constructor(options: KafkaClusterOptions) {
    this.name = options.name;
    this.#options = options;
  }

  openReader(options: ReaderOptions = {}): LogReader {
    const { clock, logger } = this.#options;
    const { maxWaitMs = 250, maxBytes = 8 << 20, maxPartitionBytes = 1 << 20 } = options;
    return new KafkaLogReader(
      this.#link(),
      { maxWaitMs, maxBytes, maxPartitionBytes },
      clock,
      logger,
    );
  }

  async openWriter(): Promise<LogWriter> {
    const { name: cluster, clock, logger, giveUpMs = GIVE_UP_MS } = this.#options;
    return new KafkaLogWriter(this.#link(), { cluster, giveUpMs }, clock, logger);
  }

  async openCatalog(): Promise<TopicCatalog> {
    return new KafkaTopicCatalog(this.#link(), this.name, this.#options.clock);
  }

  #link(): KafkaLink {
    const { settings, clock, logger } = this.#options;
    return new KafkaLink(settings, clock, logger);
  }
}
