import type { MetricProgress, PartitionProgress } from '#lib/contracts/progress.ts';
import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import { COMPUTE_SILENT_MS } from '#lib/freshness/reason.ts';
import { lagRecordsOf } from '#lib/lag/lag.ts';
import type { ClusterInstant } from '#lib/time/cluster-clock.ts';
import type { EpochMs } from '#lib/time/instant.ts';
import type { HeardProgress } from './progress-fold.ts';

/** What an objective and a definition promise, resolved. */
export interface Promised {
  readonly quietAfterMs: number;
  readonly targetMs: number | null;
  readonly stopTrustingMs: number | null;
}

/** What the hub knows of itself. */
export interface HubSituation {
  /** Cluster clock; null until measured. */
  readonly now: ClusterInstant | null;
  /** The metric's values, and progress, are read up to the ends seen at the start (SEMANTICS 3.6). */
  readonly isServed: boolean;
  /** Since when the hub gets no answer on the topics of this metric; cluster clock. */
  readonly silentSince: EpochMs | null;
  /** A sentence when the hub itself cannot go on reading. */
  readonly problem: string | null;
}

/** Facts of a metric at this moment (HB13 to HB17); frontier and closing from the usable progress alone. */
export function hubFacts(
  heard: HeardProgress,
  promised: Promised,
  hub: HubSituation,
): FreshnessFacts {
  const usable = hub.isServed ? heard.usable : null;
  const { newest } = heard;
  // What a silent computer said last is no news of the cluster: its requests out at that moment tell nothing about now.
  const speaking = isSpeaking(newest, hub) ? newest : null;
  const partitions = speaking?.partitions ?? [];
  return {
    frontier: usable?.frontier ?? null,
    closing: usable?.closing ?? null,
    clockErrorMs: Math.ceil((usable?.clockErrorMs ?? 0) + (hub.now?.errorMs ?? 0)),
    phase: phaseOf(usable, newest, hub),
    unanswered:
      hub.silentSince === null
        ? unansweredOf(partitions)
        : { who: 'the cluster', since: hub.silentSince },
    blocked: blockedOf(partitions),
    appliedAt: usable?.appliedAt ?? null,
    // While the hub itself cannot read, silence says nothing about compute.
    heardAt: hub.problem === null ? (newest?.at ?? null) : null,
    ...promised,
    lagRecords: lagRecordsOf(partitions),
    problem:
      hub.problem ?? newest?.partitions.find((each) => each.problem !== null)?.problem ?? null,
  };
}

function isSpeaking(newest: MetricProgress | null, { now }: HubSituation): boolean {
  if (newest === null) return false;
  return now === null || now.at - newest.at <= COMPUTE_SILENT_MS;
}

/** Until its values are all read here, the hub is reading back what was already published; it cannot say yet that nothing was. */
function phaseOf(
  usable: MetricProgress | null,
  newest: MetricProgress | null,
  { isServed }: HubSituation,
): FreshnessFacts['phase'] {
  if (usable !== null) return usable.phase;
  return isServed && newest === null ? null : { kind: 'restoring' };
}

type Since<K extends 'unansweredSince' | 'blockedSince'> = PartitionProgress & {
  readonly [N in K]: EpochMs;
};

/** The partition that waits longest. */
function longest<K extends 'unansweredSince' | 'blockedSince'>(
  partitions: readonly PartitionProgress[],
  key: K,
): Since<K> | null {
  const waiting = partitions.filter((each): each is Since<K> => each[key] !== null);
  if (waiting.length === 0) return null;
  return waiting.reduce((oldest, each) => (each[key] < oldest[key] ? each : oldest));
}

function unansweredOf(partitions: readonly PartitionProgress[]): FreshnessFacts['unanswered'] {
  const worst = longest(partitions, 'unansweredSince');
  if (worst === null) return null;
  return { who: `${worst.topic} partition ${worst.partition}`, since: worst.unansweredSince };
}

function blockedOf(partitions: readonly PartitionProgress[]): FreshnessFacts['blocked'] {
  const worst = longest(partitions, 'blockedSince');
  if (worst === null) return null;
  return { topic: worst.topic, partition: worst.partition, since: worst.blockedSince };
}
