import { AppError } from '#lib/errors/app-error.ts';
import type { Clock } from '#lib/time/instant.ts';
import type {
  TopicCatalog,
  TopicDescription,
  TopicDescriptions,
  TopicSpec,
} from '#server/ports/topic-catalog.ts';
import { Bell } from './bell.ts';
import type { KafkaLink } from './kafka-link.ts';
import type { Timed } from './kafka-node.ts';
import { clusterError, isFinal, LinkError } from './link-error.ts';
import { createTopicsCall } from './protocol/create-topics.ts';
import { errorName, isAuthorizationError, KAFKA_ERROR } from './protocol/error-codes.ts';
import { listOffsetsCall, OFFSET_AT } from './protocol/list-offsets.ts';
import type { ClusterMetadata, TopicMetadata } from './protocol/metadata.ts';

/** The contract's limit for an answer, ms. */
const TIMEOUT_MS = 5_000;
/** How long new topics may take to get their leaders, ms: three brokers need half a second. */
const LEADERS_TIMEOUT_MS = 15_000;
const CREATE_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

/** Topics of one cluster over a link of its own: discovery never waits behind the live path, nor the other way round. */
export class KafkaTopicCatalog implements TopicCatalog {
  readonly #link: KafkaLink;
  readonly #cluster: string;
  readonly #clock: Clock;
  readonly #closed = new Bell();

  constructor(link: KafkaLink, cluster: string, clock: Clock) {
    this.#link = link;
    this.#cluster = cluster;
    this.#clock = clock;
  }

  async describe(topics: readonly string[]): Promise<TopicDescriptions> {
    const { answer, sentAt } = await this.#metadata(topics);
    return { sentAt, topics: answer.topics.map((topic) => this.#describeOne(topic)) };
  }

  async ensure(specs: readonly TopicSpec[]): Promise<readonly string[]> {
    const { topics } = await this.describe(specs.map(({ topic }) => topic));
    const missing = new Set(topics.filter(({ kind }) => kind === 'missing').map((t) => t.topic));
    const wanted = specs.filter(({ topic }) => missing.has(topic));
    const created = wanted.length === 0 ? [] : await this.#create(wanted);
    await this.#untilLed(specs);
    return created;
  }

  async ends(
    topic: string,
  ): Promise<
    readonly { readonly partition: number; readonly start: number; readonly end: number }[]
  > {
    const deadline = this.#clock.monotonic() + TIMEOUT_MS;
    for (;;) {
      try {
        return await this.#ends(topic);
      } catch (error) {
        if (isFinal(error) || this.#link.isClosed || this.#clock.monotonic() >= deadline)
          throw clusterError(error, this.#cluster, `The ends of ${topic} could not be read`);
        await this.#closed.wait(POLL_MS);
      }
    }
  }

  async close(): Promise<void> {
    this.#link.close();
    this.#closed.ring();
  }

  async #metadata(topics: readonly string[]): Promise<Timed<ClusterMetadata>> {
    try {
      return await this.#link.metadata([...new Set(topics)], TIMEOUT_MS);
    } catch (error) {
      throw clusterError(error, this.#cluster, 'Topics could not be looked up');
    }
  }

  #describeOne({ topic, error, id, partitions }: TopicMetadata): TopicDescription {
    if (isAuthorizationError(error)) {
      throw new AppError(
        'kafka/authorization',
        `Cluster ${this.#cluster} does not let this user see topic ${topic}. Grant DESCRIBE on the topic.`,
        { topic, error },
      );
    }
    if (error === KAFKA_ERROR.unknownTopicOrPartition || error === KAFKA_ERROR.invalidTopic)
      return { kind: 'missing', topic };
    const found = partitions
      .map(({ partition, leader, leaderEpoch }) => ({ partition, leader, leaderEpoch }))
      .toSorted((a, b) => a.partition - b.partition);
    return { kind: 'present', topic, id, partitions: found };
  }

  async #create(specs: readonly TopicSpec[]): Promise<readonly string[]> {
    const doing = `Topics ${specs.map(({ topic }) => topic).join(', ')} could not be created`;
    const deadline = this.#clock.monotonic() + TIMEOUT_MS;
    for (;;) {
      const { answer } = await this.#metadata([]);
      try {
        const node = this.#link.node(answer.controllerId);
        if (node === null) throw new LinkError('down', 'no controller is known');
        const call = createTopicsCall(specs, CREATE_TIMEOUT_MS);
        const { answer: results } = await node.call(call, CREATE_TIMEOUT_MS + TIMEOUT_MS);
        if (results.some(({ error }) => error === KAFKA_ERROR.notController))
          throw new LinkError('down', 'the controller has moved');
        for (const { topic, error, message } of results) this.#assertCreated(topic, error, message);
        return results.filter(({ error }) => error === KAFKA_ERROR.none).map((r) => r.topic);
      } catch (error) {
        if (isFinal(error) || this.#link.isClosed || this.#clock.monotonic() >= deadline)
          throw clusterError(error, this.#cluster, doing);
        await this.#closed.wait(POLL_MS);
      }
    }
  }

  #assertCreated(topic: string, error: number, message: string | null): void {
    if (error === KAFKA_ERROR.none || error === KAFKA_ERROR.topicAlreadyExists) return;
    if (isAuthorizationError(error)) {
      throw new AppError(
        'kafka/authorization',
        `Cluster ${this.#cluster} does not let this user create topic ${topic}. Grant CREATE, or create it by hand.`,
        { topic, error },
      );
    }
    throw new AppError(
      'internal',
      `Cluster ${this.#cluster} refused to create topic ${topic}: ${message ?? errorName(error)}.`,
      { topic, error },
    );
  }

  async #untilLed(specs: readonly TopicSpec[]): Promise<void> {
    const deadline = this.#clock.monotonic() + LEADERS_TIMEOUT_MS;
    for (;;) {
      const { topics } = await this.describe(specs.map(({ topic }) => topic));
      const waiting = topics.filter(
        (t) => t.kind === 'missing' || t.partitions.some(({ leader }) => leader < 0),
      );
      if (waiting.length === 0) return;
      if (this.#clock.monotonic() >= deadline) {
        const names = waiting.map(({ topic }) => topic).join(', ');
        throw new AppError(
          'kafka/unreachable',
          `Topics ${names} have partitions without a leader in cluster ${this.#cluster}. Check that all its brokers run.`,
          { names },
        );
      }
      await this.#closed.wait(POLL_MS);
    }
  }

  async #ends(topic: string) {
    const [described] = (await this.describe([topic])).topics;
    if (described === undefined || described.kind === 'missing') {
      throw new AppError(
        'kafka/topic-missing',
        `Topic ${topic} does not exist in cluster ${this.#cluster}. Create it, or correct its name.`,
        { topic },
      );
    }
    const byLeader = Map.groupBy(described.partitions, ({ leader }) => leader);
    const found = await Promise.all(
      [...byLeader].map(async ([leader, list]) => {
        const partitions = list.map(({ partition }) => partition);
        const starts = await this.#offsets(leader, topic, partitions, OFFSET_AT.start);
        const ends = await this.#offsets(leader, topic, partitions, OFFSET_AT.end);
        return partitions.map((partition) => ({
          partition,
          start: starts.get(partition) ?? 0,
          end: ends.get(partition) ?? 0,
        }));
      }),
    );
    return found.flat().toSorted((a, b) => a.partition - b.partition);
  }

  async #offsets(
    leader: number,
    topic: string,
    partitions: readonly number[],
    at: (typeof OFFSET_AT)[keyof typeof OFFSET_AT],
  ): Promise<ReadonlyMap<number, number>> {
    const node = this.#link.node(leader);
    if (node === null) throw new LinkError('down', `${topic} has a partition without a leader`);
    const { answer } = await node.call(listOffsetsCall(topic, partitions, at), TIMEOUT_MS);
    const failed = answer.find(({ error }) => error !== KAFKA_ERROR.none);
    if (failed !== undefined || answer.length < partitions.length)
      throw new LinkError('down', `${topic}: ${errorName(failed?.error ?? -1)}`);
    return new Map(answer.map(({ partition, offset }) => [partition, offset]));
  }
}
