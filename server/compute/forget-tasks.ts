import { HEADER_FORMAT, type TaskHeader } from '#server/compute/task-header.ts';
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
export async function markReplaced(store: CheckpointStore, topic: string): Promise<void> {
  for (const task of await store.tasks()) {
    const stored = await store.load(task);
    if (!stored) continue;
    const header = JSON.parse(stored.header) as TaskHeader;
    if (header.metrics[0]?.plan.closure.stream.topic !== topic) continue;
    const anew: TaskHeader = {
      format: HEADER_FORMAT,
      replaced: true,
      partitions: [],
      metrics: header.metrics.map(({ plan, generation }) => ({
        plan,
        generation,
        counts: { read: 0, in: 0, filtered: 0, invalid: 0, late: 0, duplicate: 0, expired: 0 },
        appliedAt: null,
        closing: null,
        orphans: [],
      })),
      cut: header.cut,
      frontier: null,
      floor: [],
      values: [],
    };
    await store.save([
      { task, header: null, cells: [] },
      { task, header: JSON.stringify(anew), cells: [] },
    ]);
  }
}
