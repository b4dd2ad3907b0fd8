import { AppError } from '#lib/errors/app-error.ts';
import type { TopicSpec } from '#server/ports/topic-catalog.ts';
import { MemoryLog } from '#server/memory/memory-log.ts';
import type { MemoryClock } from '#server/memory/memory-clock.ts';

export interface MemoryTopic {
  readonly spec: TopicSpec;
  /** 32 hex digits, as a broker tells it. */
  readonly id: string;
  readonly partitions: readonly MemoryLog[];
}

/** How the cluster behaves towards everybody: it answers, it cannot be reached, or it hangs. */
export type Reachability = 'answers' | 'down' | 'frozen';

/** What reader, writer and catalog of one cluster share. */
export class MemoryTopics {
  readonly clock: MemoryClock;
  readonly clusterName: string;
  /** Broker's clock minus ours, ms. */
  skewMs = 0;
  reachability: Reachability = 'answers';
  /** Counts pokes: an open question older than the last poke is answered now. */
  pokes = 0;
  readonly #topics = new Map<string, MemoryTopic>();
  readonly #listeners = new Set<() => void>();
  #ids = 0;

  constructor(clock: MemoryClock, clusterName: string) {
    this.clock = clock;
    this.clusterName = clusterName;
  }

  /** The broker's clock, epoch ms. */
  brokerNow(): number {
    return this.clock.now() + this.skewMs;
  }

  get(topic: string): MemoryTopic | undefined {
    return this.#topics.get(topic);
  }

  create(spec: TopicSpec): void {
    const timestampType =
      spec.config['message.timestamp.type'] === 'LogAppendTime' ? 'append' : 'create';
    this.#ids += 1;
    this.#topics.set(spec.topic, {
      spec,
      id: this.#ids.toString(16).padStart(32, '0'),
      partitions: Array.from({ length: spec.partitions }, () => new MemoryLog(timestampType)),
    });
    this.changed();
  }

  addPartitions(topic: string, count: number): void {
    const found = this.existing(topic);
    const [first] = found.partitions;
    const type = first?.timestampType ?? 'create';
    const more = Array.from({ length: count }, () => new MemoryLog(type));
    this.#topics.set(topic, { ...found, partitions: [...found.partitions, ...more] });
    this.changed();
  }

  remove(topic: string): void {
    this.#topics.delete(topic);
    this.changed();
  }

  /** Throws `kafka/topic-missing`. */
  existing(topic: string): MemoryTopic {
    const found = this.#topics.get(topic);
    if (found === undefined) throw missing(topic, this.clusterName);
    return found;
  }

  /** Throws `kafka/topic-missing`. */
  log(topic: string, partition: number): MemoryLog {
    const log = this.existing(topic).partitions[partition];
    if (log === undefined) throw missing(`${topic}-${partition}`, this.clusterName);
    return log;
  }

  /** To be called after each change: whoever waits looks again. */
  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** Resolves at the next change, after `ms` of the clock, or when `signal` aborts. */
  async nextChange(ms: number | null, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const over = new AbortController();
    const end = () => over.abort();
    this.#listeners.add(end);
    signal.addEventListener('abort', end, { once: true });
    try {
      if (ms === null)
        await new Promise<void>((resolve) =>
          over.signal.addEventListener('abort', () => resolve()),
        );
      else await this.clock.after(ms, over.signal);
    } finally {
      this.#listeners.delete(end);
      signal.removeEventListener('abort', end);
    }
  }
}

const missing = (what: string, cluster: string) =>
  new AppError(
    'kafka/topic-missing',
    `Topic ${what} does not exist in cluster ${cluster}. Create it, or correct its name.`,
    { topic: what },
  );
