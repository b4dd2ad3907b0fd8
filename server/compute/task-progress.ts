import {
  PROGRESS_CONTRACT,
  type MetricProgress,
  type PartitionProgress,
  type Phase,
} from '#lib/contracts/progress.ts';
import { closingOf } from '#lib/engine/drain.ts';
import type { TaskState } from '#lib/engine/task-state.ts';
import type { ClusterClock } from '#lib/time/cluster-clock.ts';
import { epochMs, type EpochMs, type MonoMs } from '#lib/time/instant.ts';
import type { CutPublisher } from '#server/compute/cut-publisher.ts';
import type { HopWatch } from '#server/compute/hop-watch.ts';
import type { PartitionWatch } from '#server/compute/partition-watch.ts';

interface TaskView {
  readonly state: TaskState;
  readonly cuts: CutPublisher;
  readonly hops: HopWatch;
  readonly watches: ReadonlyMap<string, PartitionWatch>;
  readonly listSeenAt: number | null;
  readonly topicIsMissing: boolean;
  readonly silentSince: (topic: string, partition: number) => MonoMs | null;
  /** Where the metric's values live, and who writes them. */
  readonly partitionOf: (metric: string, version: string) => number;
  readonly instance: string;
}

const instant = (at: number | null): EpochMs | null =>
  at === null ? null : epochMs(Math.max(0, at));

/** Progress of every metric of a task as of its last complete cut (SEMANTICS 4.2). Empty while the cluster's clock is unknown. */
export function taskProgress(
  task: TaskView,
  clock: ClusterClock,
  mono: MonoMs,
): readonly MetricProgress[] {
  const now = clock.read(mono);
  if (now === null) return [];
  const { cuts, hops, instance } = task;
  hops.turn(mono);
  const phase = phaseOf(task, mono);
  const summaries = {
    ingest: hops.summary('ingest'),
    stream: hops.summary('stream'),
    compute: hops.summary('compute'),
  };
  return cuts.publications
    .filter(({ generation }) => generation > 0)
    .map(({ metric, generation, through }): MetricProgress => {
      const { plan } = metric.program;
      return {
        v: PROGRESS_CONTRACT,
        kind: 'metric',
        metric: plan.metric,
        version: plan.version,
        generation,
        instance,
        cut: cuts.cut,
        at: epochMs(now.at),
        clockErrorMs: now.errorMs,
        phase,
        frontier: instant(cuts.frontier),
        closing: instant(metric.closing),
        through: { partition: task.partitionOf(plan.metric, plan.version), offset: through },
        appliedAt: instant(metric.appliedAt),
        listSeenAt: instant(task.listSeenAt),
        partitions: partitionsOf(task, clock, mono, plan.closure.latenessMs),
        counts: { ...metric.counts },
        hops: summaries,
      };
    });
}

function partitionsOf(
  task: TaskView,
  clock: ClusterClock,
  mono: MonoMs,
  latenessMs: number,
): PartitionProgress[] {
  if (task.state.partitions.size === 0 && task.topicIsMissing)
    return [absent(task.state.stream.topic)];
  return [...task.state.partitions.values()].map((partition) => {
    const { topic, storedDrain } = partition;
    const watch = task.watches.get(partition.key);
    const silent = task.silentSince(topic, partition.partition);
    return {
      topic,
      partition: partition.partition,
      id: partition.id,
      next: task.cuts.published.get(partition.key) ?? partition.next,
      end: watch?.end ?? null,
      stable: watch?.stable ?? null,
      seenAt: instant(watch?.seenAt ?? null),
      frontier: instant(partition.proofs.frontier),
      eventClock: instant(partition.clock.at),
      closing: instant(closingOf(partition.clock.at, storedDrain, latenessMs)),
      unansweredSince: silent === null ? null : instant(clock.read(silent)?.at ?? null),
      blockedSince: instant(watch?.blockedSince ?? null),
      problem: watch?.problem ?? null,
      recordsPerSecond: watch?.rate(partition.next, mono) ?? 0,
    };
  });
}

/** Catching up until the ends that the first answers of this start showed are applied and nothing is held back. */
function phaseOf(task: TaskView, mono: MonoMs): Phase {
  let remaining = 0;
  let total = 0;
  let rate = 0;
  let known = task.state.partitions.size > 0 || task.topicIsMissing;
  for (const partition of task.state.partitions.values()) {
    const watch = task.watches.get(partition.key);
    if (!watch || watch.goal === null) {
      known &&= watch?.problem != null;
      continue;
    }
    remaining += Math.max(0, watch.goal - partition.next);
    total += Math.max(0, watch.goal - watch.startedAt);
    rate += watch.rate(partition.next, mono);
  }
  if (known && remaining === 0 && !task.cuts.held) return { kind: 'running' };
  if (!known) return { kind: 'restoring' };
  return {
    kind: 'catching-up',
    remaining,
    total,
    estimateMs: rate > 0 ? (remaining * 1_000) / rate : null,
  };
}

/** Stands for the partitions of a topic that is not there: nothing is read, and the reason is said. */
const absent = (topic: string): PartitionProgress => ({
  topic,
  partition: 0,
  id: null,
  next: 0,
  end: null,
  stable: null,
  seenAt: null,
  frontier: null,
  eventClock: null,
  closing: null,
  unansweredSince: null,
  blockedSince: null,
  problem: `Topic ${topic} does not exist. Create it, or correct \`topic\` in the stream's definition.`,
  recordsPerSecond: 0,
});
