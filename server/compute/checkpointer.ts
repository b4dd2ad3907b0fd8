import type { Cell, MetricState } from '#lib/engine/metric-state.ts';
import { HEADER_FORMAT, type TaskHeader } from '#server/compute/task-header.ts';
import type { TaskRunner } from '#server/compute/task-runner.ts';
import type { ValueLog } from '#server/compute/value-log.ts';
import { pause } from '#server/lifecycle/pause.ts';
import type { CellRow, CheckpointStore, CheckpointWrite } from '#server/ports/checkpoint-store.ts';

/** A durable commit costs 1–2 ms (measured with node:sqlite), so checkpoints go by time and not by records. */
const EVERY_MS = 400;

/** Stores the state of all tasks, each in one transaction with its inputs, clocks, proofs and dirty keys (SEMANTICS 3.3, CP7). */
export class Checkpointer {
  readonly #store: CheckpointStore;
  readonly #log: ValueLog;
  readonly #runners: () => readonly TaskRunner[];

  constructor(store: CheckpointStore, log: ValueLog, runners: () => readonly TaskRunner[]) {
    this.#store = store;
    this.#log = log;
    this.#runners = runners;
  }

  /** Saves until `signal` aborts, and once more then: a clean stop starts where it ended. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(EVERY_MS, signal);
      await this.save();
    }
  }

  /** @param gone rows to delete in the same transaction, by task */
  async save(gone: ReadonlyMap<string, readonly CellRow[]> = new Map()): Promise<void> {
    const due = this.#runners().filter(({ checkpointable }) => checkpointable);
    const snapshots = due.map((runner) => this.#snapshot(runner, gone.get(runner.id) ?? []));
    if (snapshots.length === 0) return;
    try {
      await this.#store.save(snapshots.map(({ write }) => write));
    } catch (error) {
      for (const { cells } of snapshots)
        for (const [metric, cell] of cells) metric.unsaved.add(cell);
      throw error;
    }
    for (const { drains } of snapshots) for (const stored of drains) stored();
  }

  /** Taken in one turn of the event loop, so that all of it belongs to the same inputs. */
  #snapshot(runner: TaskRunner, gone: readonly CellRow[]) {
    const { state, cuts } = runner;
    const rows: CellRow[] = [...gone];
    const cells: (readonly [MetricState, Cell])[] = [];
    for (const metric of state.metrics) {
      const { metric: name, version } = metric.program.plan;
      if (state.furthest !== null) {
        for (const { start, dims } of metric.expire(state.furthest))
          rows.push({ metric: name, version, start, dims, state: null });
      }
      for (const cell of metric.unsaved) {
        cells.push([metric, cell]);
        const json = JSON.stringify(metric.cellJson(cell));
        rows.push({ metric: name, version, start: cell.start, dims: cell.dims, state: json });
      }
      metric.unsaved.clear();
    }
    const header: TaskHeader = {
      format: HEADER_FORMAT,
      partitions: [...state.partitions.values()].map((partition) => partition.json()),
      metrics: cuts.publications.map(({ metric, generation, orphans }) => ({
        plan: metric.program.plan,
        generation,
        counts: { ...metric.counts },
        appliedAt: metric.appliedAt,
        closing: metric.closing,
        orphans: [...orphans],
      })),
      cut: cuts.cut,
      frontier: cuts.frontier,
      floor: cuts.floor,
      values: this.#log.positions(),
    };
    const write: CheckpointWrite = { task: runner.id, header: JSON.stringify(header), cells: rows };
    const drains = [...state.partitions.values()].map((partition) => {
      const { drain } = partition;
      return () => {
        partition.storedDrain = drain;
      };
    });
    return { write, cells, drains };
  }
}
