import { canonicalDims, type Dims } from '#lib/contracts/metric-record.ts';
import type { MetricCounts } from '#lib/contracts/progress.ts';
import type { MeasureState } from '#lib/engine/measure.ts';
import type { Evaluation, MetricProgram } from '#lib/engine/metric-program.ts';

/** One value in the making: metric version × window × dims. Mutable on the hot path; only MetricState and its checkpoint touch it. */
export interface Cell {
  /** Event time, epoch ms; the window ends at start + size. */
  readonly start: number;
  /** Canonical JSON. */
  readonly dims: string;
  readonly measures: readonly MeasureState[];
  /** Records counted in it. */
  in: number;
  /** Records that came too late for it, not counted. */
  late: number;
  /** Grows with every change, so that an acknowledgement knows whether it speaks of the newest state. */
  touched: number;
  /** Changed after its window was said to be closed: an announcement, not part of the value. */
  correction: boolean;
  /** Event time and record timestamp of the newest record applied; null before the first. */
  eventAt: number | null;
  appendedAt: number | null;
  /** Cluster clock, when the answer with that record arrived and when it was applied; null when the clock was not known. */
  fetchedAt: number | null;
  computedAt: number | null;
}

/** What a cell is stored as. */
export interface CellJson {
  readonly m: readonly (readonly unknown[])[];
  readonly in: number;
  readonly late: number;
  readonly at: readonly (number | null)[];
  readonly correction?: 1;
  /** 1 while the metric topic has not acknowledged this state. */
  readonly dirty: 0 | 1;
}

/** Instants of one fetched answer, cluster clock. */
export interface FetchInstants {
  readonly fetchedAt: number | null;
  readonly computedAt: number | null;
}

const NO_COUNTS: MetricCounts = {
  read: 0,
  in: 0,
  filtered: 0,
  invalid: 0,
  late: 0,
  duplicate: 0,
  expired: 0,
};

/** All state of one metric version: its cells, which of them are dirty, and its totals. */
export class MetricState {
  readonly program: MetricProgram;
  readonly windows = new Map<number, Map<string, Cell>>();
  /** Cells that differ from the last acknowledged value (SEMANTICS 3.3). */
  readonly dirty = new Set<Cell>();
  /** Cells that differ from the checkpoint. */
  readonly unsaved = new Set<Cell>();
  readonly counts: { -readonly [K in keyof MetricCounts]: MetricCounts[K] };
  /** Cluster clock; null before the first event. */
  appliedAt: number | null = null;
  /** Event time up to which windows are complete; never moves back. */
  closing: number | null = null;
  readonly #dims = new Map<string, string>();

  constructor(program: MetricProgram, counts: MetricCounts = NO_COUNTS) {
    this.program = program;
    this.counts = { ...counts };
  }

  get sizeMs(): number {
    return this.program.plan.closure.window.sizeMs;
  }

  /**
   * Counts one evaluated record.
   *
   * @param eventAt event time
   * @param clock the partition's event clock before this record moves it (SEMANTICS 2.2)
   * @param furthest the stream's furthest event clock, which decides expiry (SEMANTICS 2.4)
   */
  apply(
    evaluation: Evaluation,
    eventAt: number,
    appendedAt: number,
    clock: number | null,
    furthest: number | null,
    instants: FetchInstants,
  ): void {
    const { latenessMs, horizonMs } = this.program.plan.closure;
    const start = eventAt - (eventAt % this.sizeMs);
    const closesAt = start + this.sizeMs + latenessMs;
    const gone = furthest !== null && furthest >= closesAt + horizonMs;
    if (clock !== null && clock >= closesAt) {
      this.counts.late += 1;
      if (!gone) this.touch(this.cellAt(start, this.#dimsKey(evaluation.dims))).late += 1;
      return;
    }
    if (gone) {
      this.counts.expired += 1;
      return;
    }
    const cell = this.touch(this.cellAt(start, this.#dimsKey(evaluation.dims)));
    const { args } = evaluation;
    for (let i = 0; i < cell.measures.length; i += 1) cell.measures[i]?.add(args[i] ?? null);
    cell.in += 1;
    if (this.closing !== null && this.closing >= closesAt) cell.correction = true;
    this.counts.in += 1;
    cell.eventAt = eventAt;
    cell.appendedAt = appendedAt;
    cell.fetchedAt = instants.fetchedAt;
    cell.computedAt = instants.computedAt;
    this.appliedAt = instants.computedAt ?? this.appliedAt;
  }

  /** The cell of a window and dims, made empty when it is new. */
  cellAt(start: number, dims: string, make: () => Cell = () => this.#emptyCell(start, dims)): Cell {
    let window = this.windows.get(start);
    if (!window) this.windows.set(start, (window = new Map()));
    let cell = window.get(dims);
    if (!cell) window.set(dims, (cell = make()));
    return cell;
  }

  find(start: number, dims: string): Cell | null {
    return this.windows.get(start)?.get(dims) ?? null;
  }

  /** Marks every cell of windows that began before the instant: their `partial` changed. */
  touchBefore(start: number): void {
    for (const [windowStart, window] of this.windows) {
      if (windowStart >= start) continue;
      for (const cell of window.values()) this.touch(cell);
    }
  }

  /** Marks the cells of open windows and of the newest closed one. */
  touchNewest(): void {
    const closed = [...this.windows.keys()].filter(
      (start) => start + this.sizeMs <= (this.closing ?? 0),
    );
    const newest = closed.length === 0 ? 0 : Math.max(...closed);
    for (const [start, window] of this.windows)
      if (start >= newest) for (const cell of window.values()) this.touch(cell);
  }

  /** Takes closed windows out once the stream is past their horizon; dirty ones stay until they are acknowledged. */
  expire(furthest: number): readonly Cell[] {
    const { latenessMs, horizonMs } = this.program.plan.closure;
    const gone: Cell[] = [];
    for (const [start, window] of this.windows) {
      if (furthest < start + this.sizeMs + latenessMs + horizonMs) continue;
      for (const [dims, cell] of window) {
        if (this.dirty.has(cell)) continue;
        window.delete(dims);
        this.unsaved.delete(cell);
        gone.push(cell);
      }
      if (window.size === 0) this.windows.delete(start);
    }
    return gone;
  }

  /** A cell out of the checkpoint. */
  restore(start: number, dims: string, json: CellJson): void {
    const cell = this.cellAt(start, dims, () => ({
      start,
      dims,
      measures: this.program.restoreMeasures(json.m),
      in: json.in,
      late: json.late,
      touched: 0,
      correction: json.correction === 1,
      eventAt: json.at[0] ?? null,
      appendedAt: json.at[1] ?? null,
      fetchedAt: json.at[2] ?? null,
      computedAt: json.at[3] ?? null,
    }));
    if (json.dirty === 1) this.dirty.add(cell);
  }

  cellJson(cell: Cell): CellJson {
    return {
      m: cell.measures.map((measure) => measure.json()),
      in: cell.in,
      late: cell.late,
      at: [cell.eventAt, cell.appendedAt, cell.fetchedAt, cell.computedAt],
      ...(cell.correction ? { correction: 1 } : {}),
      dirty: this.dirty.has(cell) ? 1 : 0,
    };
  }

  /** Notes that a cell differs from what the metric topic and the checkpoint have. */
  touch(cell: Cell): Cell {
    cell.touched += 1;
    this.dirty.add(cell);
    this.unsaved.add(cell);
    return cell;
  }

  /** The metric topic has acknowledged a cell as it was at `touched`; a later change keeps it dirty. */
  acknowledge(cell: Cell, touched: number): void {
    if (cell.touched === touched) this.dirty.delete(cell);
    this.unsaved.add(cell);
  }

  #emptyCell(start: number, dims: string): Cell {
    return {
      start,
      dims,
      measures: this.program.newMeasures(),
      in: 0,
      late: 0,
      touched: 0,
      correction: false,
      eventAt: null,
      appendedAt: null,
      fetchedAt: null,
      computedAt: null,
    };
  }

  /** Canonical text of the dims; remembered, because a stream has few and sees them in every record. */
  #dimsKey(values: readonly (string | number | boolean | null)[]): string {
    const { groupBy } = this.program.plan.closure;
    if (groupBy.length === 0) return '{}';
    const quick =
      values.length === 1 ? `${typeof values[0]}${String(values[0])}` : JSON.stringify(values);
    const known = this.#dims.get(quick);
    if (known !== undefined) return known;
    const dims: Dims = {};
    groupBy.forEach((name, i) => (dims[name] = values[i] ?? null));
    const text = canonicalDims(dims);
    if (this.#dims.size >= 10_000) this.#dims.clear();
    this.#dims.set(quick, text);
    return text;
  }
}
