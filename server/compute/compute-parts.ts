import type { TopicNames } from '#lib/contracts/topics.ts';
import type { ClusterClock } from '#lib/time/cluster-clock.ts';
import type { Clock } from '#lib/time/instant.ts';
import type { CheckpointStore } from '#server/ports/checkpoint-store.ts';
import type { Cluster } from '#server/ports/cluster.ts';
import type { Failpoint } from '#server/ports/failpoint.ts';
import type { Logger } from '#server/ports/logger.ts';

/** What every part of compute needs of the world. */
export interface ComputeParts {
  readonly cluster: Cluster;
  readonly store: CheckpointStore;
  readonly clock: Clock;
  readonly clusterClock: ClusterClock;
  readonly logger: Logger;
  readonly topics: TopicNames;
  /** New for every start: a claim names it. */
  readonly instance: string;
  /** Version of this build, for `by` of a value. */
  readonly build: string;
  readonly failpoint: Failpoint;
}
