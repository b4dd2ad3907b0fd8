import type { MetricFace, Point } from '#lib/contracts/feed.ts';
import type { Why } from '#lib/contracts/rest.ts';
import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import type { ClusterInstant } from '#lib/time/cluster-clock.ts';

export interface MetricChange {
  readonly metric: string;
  /** Points that are new or replaced; empty when only the facts moved. */
  readonly points: readonly Point[];
  /** True when what was known before is void (another version, topic replaced): take a new snapshot. */
  readonly reset: boolean;
}

/**
 * The newest of every metric as the hub knows it. Reads are synchronous and mutually consistent within one turn of the event loop: every
 * point handed out before `facts` is read is covered by them, so a reader that flushes its pending points together with `facts()` keeps rule FD4.
 */
export interface MetricView {
  /** Null when no such metric is defined. */
  face(metric: string): MetricFace | null;
  facts(metric: string): FreshnessFacts | null;
  /** Newest value of each window with end > `since` (event time), any order. Withdrawn ones are left out. */
  points(metric: string, since: number): readonly Point[];
  why(metric: string): Why | null;
  /** The cluster's clock now; null until measured. */
  clusterNow(): ClusterInstant | null;
  subscribe(listener: (change: MetricChange) => void): () => void;
}
