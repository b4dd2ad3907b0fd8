import type { MetricCounts } from '#lib/contracts/progress.ts';
import type { MetricPlan } from '#lib/contracts/plan.ts';
import type { PartitionJson } from '#lib/engine/partition-state.ts';

/** Raised when an older checkpoint could be misread; a checkpoint of another number is not used. */
export const HEADER_FORMAT = 1;

/** The head of a task's checkpoint (SEMANTICS 3.3); the cells are rows beside it, in the same transaction. */
export interface TaskHeader {
  readonly format: typeof HEADER_FORMAT;
  readonly partitions: readonly PartitionJson[];
  readonly metrics: readonly {
    readonly plan: MetricPlan;
    readonly generation: number;
    readonly counts: MetricCounts;
    readonly appliedAt: number | null;
    readonly closing: number | null;
    /** Keys found in the metric topic that state does not have yet: sent or withdrawn once the inputs are reached. */
    readonly orphans: readonly string[];
  }[];
  /** The source log is not the one it was: state begins anew, and what was published before is not waited for (SEMANTICS 1.1). */
  readonly replaced?: true;
  readonly cut: number;
  readonly frontier: number | null;
  /** Offsets some value in the metric topic was computed up to; nothing is sent before they are reached (SEMANTICS 3.2). */
  readonly floor: readonly (readonly [key: string, id: string | null, next: number])[];
  /** Where to follow the metric topic from. */
  readonly values: readonly {
    readonly partition: number;
    readonly next: number;
    readonly id: string | null;
  }[];
}
