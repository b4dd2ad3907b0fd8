import type { MonoMs } from '#lib/time/instant.ts';

export interface TopicPartition {
  readonly partition: number;
  /** -1 while there is none. */
  readonly leader: number;
  readonly leaderEpoch: number;
}

export type TopicDescription =
  | {
      readonly kind: 'present';
      readonly topic: string;
      readonly id: string | null;
      readonly partitions: readonly TopicPartition[];
    }
  | { readonly kind: 'missing'; readonly topic: string };

export interface TopicDescriptions {
  /** Our monotonic clock just before the request: part of the frontier's proof (SEMANTICS 1.5). */
  readonly sentAt: MonoMs;
  readonly topics: readonly TopicDescription[];
}

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Names topics always; never lists the cluster: one leaderless partition makes KafkaJS 2.2.4 fail the whole listing. */
export interface TopicCatalog {
  /** Rejects with `kafka/unreachable` when the cluster does not answer within 5 s. */
  describe(topics: readonly string[]): Promise<TopicDescriptions>;
  /** Creates what is absent and leaves what is there alone. Returns the names it created. */
  ensure(specs: readonly TopicSpec[]): Promise<readonly string[]>;
  /** Log start and end (high watermark) per partition of existing topics. */
  ends(
    topic: string,
  ): Promise<
    readonly { readonly partition: number; readonly start: number; readonly end: number }[]
  >;
  close(): Promise<void>;
}
