import type { AppError } from '#lib/errors/app-error.ts';
import { HEADER_FORMAT, type TaskHeader } from '#server/compute/task-header.ts';
import type { TaskRunner } from '#server/compute/task-runner.ts';
import type { CheckpointStore } from '#server/ports/checkpoint-store.ts';

/** Removes the checkpoints of tasks that are no more. */
export async function forgetTasks(
  store: CheckpointStore,
  kept: ReadonlySet<string>,
): Promise<void> {
  const gone = (await store.tasks()).filter((task) => !kept.has(task));
  if (gone.length > 0) await store.save(gone.map((task) => ({ task, header: null, cells: [] })));
}

/**
 * Makes the checkpoints over a replaced log void: the next start computes their metrics anew under a new generation, withdraws what no longer stands,
 * and does not wait for offsets of the old log (SEMANTICS 1.1).
 */
export async function markReplaced(
  store: CheckpointStore,
  runners: readonly TaskRunner[],
  error: AppError,
): Promise<void> {
  for (const { id, state, cuts } of runners) {
    if (state.stream.topic !== error.details['topic']) continue;
    const header: TaskHeader = {
      format: HEADER_FORMAT,
      replaced: true,
      partitions: [],
      metrics: cuts.publications.map(({ metric, generation }) => ({
        plan: metric.program.plan,
        generation,
        counts: { read: 0, in: 0, filtered: 0, invalid: 0, late: 0, duplicate: 0, expired: 0 },
        appliedAt: null,
        closing: null,
        orphans: [],
      })),
      cut: cuts.cut,
      frontier: null,
      floor: [],
      values: [],
    };
    await store.save([{ task: id, header: null, cells: [] }]);
    await store.save([{ task: id, header: JSON.stringify(header), cells: [] }]);
  }
}
