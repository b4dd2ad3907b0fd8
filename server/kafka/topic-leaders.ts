import { AppError } from '#lib/errors/app-error.ts';
import type { Clock, MonoMs } from '#lib/time/instant.ts';
import type { KafkaLink } from './kafka-link.ts';
import { MISSING_CONFIRM_MS } from './partition-table.ts';
import { isAuthorizationError, KAFKA_ERROR } from './protocol/error-codes.ts';
import type { TopicMetadata } from './protocol/metadata.ts';

interface Place {
  readonly topic: string;
  readonly partition: number;
}

const METADATA_TIMEOUT_MS = 5_000;

/** Who leads the partitions one writes to. */
export class TopicLeaders {
  readonly #link: KafkaLink;
  readonly #clock: Clock;
  readonly #topics = new Map<string, ReadonlyMap<number, number>>();
  readonly #missingSince = new Map<string, MonoMs>();

  constructor(link: KafkaLink, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  /** Null while there is none. */
  leaderOf({ topic, partition }: Place): number | null {
    const leader = this.#topics.get(topic)?.get(partition) ?? -1;
    return leader < 0 ? null : leader;
  }

  /** Somebody else may lead it now. */
  forget(topic: string): void {
    this.#topics.delete(topic);
  }

  /** Asks for what is not known. Throws AppError for a topic or partition that does not exist or may not be seen, LinkError when nobody answers. */
  async find(places: readonly Place[], cluster: string): Promise<void> {
    const unknown = places.filter((place) => this.leaderOf(place) === null);
    if (unknown.length === 0) return;
    const wanted = [...new Set(unknown.map(({ topic }) => topic))];
    const { answer } = await this.#link.metadata(wanted, METADATA_TIMEOUT_MS);
    for (const topic of answer.topics) this.#learn(topic, cluster);
    for (const place of unknown) this.#assertExists(place, cluster);
  }

  #learn(metadata: TopicMetadata, cluster: string): void {
    const { topic, error, partitions } = metadata;
    if (isAuthorizationError(error)) {
      throw new AppError(
        'kafka/authorization',
        `Cluster ${cluster} does not let this user see topic ${topic}. Grant DESCRIBE on the topic.`,
        { topic, error },
      );
    }
    if (error === KAFKA_ERROR.none || error === KAFKA_ERROR.unknownTopicOrPartition)
      this.#topics.set(topic, new Map(partitions.map((p) => [p.partition, p.leader])));
  }

  /** Brokers learn of a new topic one after another: it has to stay missing for a moment. */
  #assertExists({ topic, partition }: Place, cluster: string): void {
    const known = this.#topics.get(topic);
    const key = `${topic}:${partition}`;
    if (known === undefined || known.has(partition)) {
      this.#missingSince.delete(key);
      return;
    }
    const now = this.#clock.monotonic();
    const since = this.#missingSince.get(key) ?? now;
    this.#missingSince.set(key, since);
    if (now - since < MISSING_CONFIRM_MS) return;
    this.#missingSince.delete(key);
    const what = known.size === 0 ? `Topic ${topic}` : `Partition ${partition} of topic ${topic}`;
    throw new AppError(
      'kafka/topic-missing',
      `${what} does not exist in cluster ${cluster}. Create it, or correct its name.`,
      { topic, partition },
    );
  }
}
