import { canonicalJson } from '#lib/definitions/canonical-json.ts';
import type { MetricPlan } from '#lib/contracts/plan.ts';
import { compileMetric } from '#lib/engine/metric-program.ts';
import { MetricState, type CellJson } from '#lib/engine/metric-state.ts';
import { PartitionState } from '#lib/engine/partition-state.ts';
import { TaskState } from '#lib/engine/task-state.ts';
import { HEADER_FORMAT, type TaskHeader } from '#server/compute/task-header.ts';
import type { CheckpointStore } from '#server/ports/checkpoint-store.ts';
import type { Logger } from '#server/ports/logger.ts';

/** A task as it was stored, or a new one: not running yet. */
export interface RestoredTask {
  readonly id: string;
  readonly state: TaskState;
  readonly header: TaskHeader | null;
}

/** Metric versions a checkpoint still computes although no plan asks for them any more. */
export interface RetiredMetric {
  readonly task: string;
  readonly plan: MetricPlan;
  readonly generation: number;
  readonly keys: readonly { readonly start: number; readonly dims: string }[];
}

/** Reads every checkpointed task whose metrics are still planned (SEMANTICS 3.7: state resumes only on an equal version). */
export async function restoreTasks(
  store: CheckpointStore,
  plans: ReadonlyMap<string, MetricPlan>,
  logger: Logger,
): Promise<{
  readonly tasks: readonly RestoredTask[];
  readonly retired: readonly RetiredMetric[];
}> {
  const tasks: RestoredTask[] = [];
  const retired: RetiredMetric[] = [];
  for (const id of await store.tasks()) {
    const stored = await store.load(id);
    if (!stored) continue;
    // Our own JSON of the same build or an older one; the format number says whether it can be read.
    const header = JSON.parse(stored.header) as TaskHeader;
    if (header.format !== HEADER_FORMAT) {
      logger.warn('compute:checkpoint-format', { task: id, format: header.format });
      await store.save([{ task: id, header: null, cells: [] }]);
      continue;
    }
    const metrics = new Map<string, MetricState>();
    const dropped = new Map<string, { start: number; dims: string }[]>();
    for (const { plan, counts, appliedAt, closing } of header.metrics) {
      const versionId = `${plan.metric}|${plan.version}`;
      const wanted = plans.get(plan.metric);
      if (wanted?.version !== plan.version) {
        dropped.set(versionId, []);
        continue;
      }
      const metric = new MetricState(compileMetric(wanted), counts);
      metric.appliedAt = appliedAt;
      metric.closing = closing;
      metrics.set(versionId, metric);
    }
    for await (const rows of stored.cells) {
      for (const { metric, version, start, dims, state } of rows) {
        const versionId = `${metric}|${version}`;
        dropped.get(versionId)?.push({ start, dims });
        if (state !== null)
          metrics.get(versionId)?.restore(start, dims, JSON.parse(state) as CellJson);
      }
    }
    for (const { plan, generation } of header.metrics) {
      const keys = dropped.get(`${plan.metric}|${plan.version}`);
      if (keys) retired.push({ task: id, plan, generation, keys });
    }
    const [first] = header.metrics;
    if (!first || metrics.size === 0) {
      // What is retired is withdrawn first; the service forgets the task after that.
      continue;
    }
    const { stream } = first.plan.closure;
    const state = new TaskState(stream, [...metrics.values()]);
    for (const partition of header.partitions)
      state.addPartition(new PartitionState(partition, stream.aheadMs));
    tasks.push({ id, state, header });
  }
  return { tasks, retired };
}

/** New tasks for metric versions that have none: those over the same stream and start share one read. */
export function newTasks(
  plans: readonly MetricPlan[],
  taken: ReadonlySet<string>,
): readonly RestoredTask[] {
  const groups = Map.groupBy(plans, ({ closure }) =>
    canonicalJson([closure.stream, closure.start]),
  );
  const ids = new Set(taken);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { stream } = first.closure;
    let n = 1;
    while (ids.has(`${stream.name}#${String(n)}`)) n += 1;
    const id = `${stream.name}#${String(n)}`;
    ids.add(id);
    const metrics = group.map((plan) => new MetricState(compileMetric(plan)));
    return [{ id, state: new TaskState(stream, metrics), header: null }];
  });
}
