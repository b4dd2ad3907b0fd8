import { AppError } from '#lib/errors/app-error.ts';
import type {
  TopicCatalog,
  TopicDescription,
  TopicDescriptions,
  TopicSpec,
} from '#server/ports/topic-catalog.ts';
import type { MemoryTopics } from '#server/memory/memory-topics.ts';

/** The contract's limit for an answer, ms. */
const TIMEOUT_MS = 5_000;
const ONLY_BROKER = 1;

export class MemoryTopicCatalog implements TopicCatalog {
  readonly #topics: MemoryTopics;
  readonly #closing = new AbortController();

  constructor(topics: MemoryTopics) {
    this.#topics = topics;
  }

  async describe(topics: readonly string[]): Promise<TopicDescriptions> {
    const sentAt = this.#topics.clock.monotonic();
    await this.#untilReachable();
    return { sentAt, topics: [...new Set(topics)].map((topic) => this.#describeOne(topic)) };
  }

  async ensure(specs: readonly TopicSpec[]): Promise<readonly string[]> {
    await this.#untilReachable();
    const wanted = specs.filter(({ topic }) => this.#topics.get(topic) === undefined);
    for (const spec of wanted) this.#topics.create(spec);
    return wanted.map(({ topic }) => topic);
  }

  async ends(
    topic: string,
  ): Promise<
    readonly { readonly partition: number; readonly start: number; readonly end: number }[]
  > {
    await this.#untilReachable();
    return this.#topics
      .existing(topic)
      .partitions.map(({ start, end }, partition) => ({ partition, start, end }));
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  #describeOne(topic: string): TopicDescription {
    const found = this.#topics.get(topic);
    if (found === undefined) return { kind: 'missing', topic };
    const partitions = found.partitions.map((_, partition) => ({
      partition,
      leader: ONLY_BROKER,
      leaderEpoch: 0,
    }));
    return { kind: 'present', topic, id: found.id, partitions };
  }

  async #untilReachable(): Promise<void> {
    const startedAt = this.#topics.clock.monotonic();
    const { signal } = this.#closing;
    while (this.#topics.reachability !== 'answers' && !signal.aborted) {
      const left = TIMEOUT_MS - (this.#topics.clock.monotonic() - startedAt);
      if (left <= 0) break;
      await this.#topics.nextChange(left, signal);
    }
    if (this.#topics.reachability === 'answers' && !signal.aborted) return;
    throw new AppError(
      'kafka/unreachable',
      `Topics could not be looked up: cluster ${this.#topics.clusterName} does not answer. Check that its brokers run.`,
    );
  }
}
