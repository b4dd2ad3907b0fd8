/** A row of the checkpoint: one cell (metric version × window × dims) as JSON text. Keys are unique within a task. */
export interface CellRow {
  readonly metric: string;
  readonly version: string;
  /** Window start, event time, epoch ms. */
  readonly start: number;
  /** Canonical JSON of the dimensions. */
  readonly dims: string;
  /** Engine state and acknowledgement, JSON text; null deletes the row. */
  readonly state: string | null;
}

/** One atomic step of a task's checkpoint (SEMANTICS 3.3). */
export interface CheckpointWrite {
  readonly task: string;
  /** Inputs, clocks, proofs, metric-topic identity and end, totals: JSON text; null removes the task with all its cells. */
  readonly header: string | null;
  readonly cells: readonly CellRow[];
}

export interface CheckpointRead {
  readonly task: string;
  readonly header: string;
  readonly cells: AsyncIterable<readonly CellRow[]>;
}

/** Compute's own store. One process at a time: opening it twice rejects with `store/locked`. */
export interface CheckpointStore {
  /** Names of the tasks with a checkpoint. */
  tasks(): Promise<readonly string[]>;
  load(task: string): Promise<CheckpointRead | null>;
  /** All writes in one transaction: after a crash either all of it is there or nothing. */
  save(writes: readonly CheckpointWrite[]): Promise<void>;
  close(): Promise<void>;
}
