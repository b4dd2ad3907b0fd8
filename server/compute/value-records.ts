import { valueKey, VALUE_CONTRACT } from '#lib/contracts/metric-record.ts';
import { ratioValue, type MeasureValue } from '#lib/engine/measure.ts';
import type { Cell, MetricState } from '#lib/engine/metric-state.ts';

/** What all records of one cut share. */
export interface CutFacts {
  readonly generation: number;
  readonly instance: string;
  readonly build: string;
  readonly frontier: number | null;
  readonly closing: number | null;
  /** JSON text of `inputs`, made once a cut. */
  readonly inputs: string;
  /** Cluster clock; null when it is not known. */
  readonly emittedAt: number | null;
  readonly isPartial: boolean;
}

/** Value of a cell's measures. */
export function cellValue(metric: MetricState, cell: Cell): MeasureValue {
  const [first, second] = cell.measures;
  if (!first) throw new Error('a cell without a measure');
  return metric.program.plan.closure.measure.kind === 'ratio' && second
    ? ratioValue(first.value(), second.value())
    : first.value();
}

/** Key and JSON text of the record that carries a cell (SPEC.md, Contracts). */
export function valueRecord(
  metric: MetricState,
  cell: Cell,
  cut: CutFacts,
): { key: string; value: string } {
  const { plan } = metric.program;
  const end = cell.start + metric.sizeMs;
  const { value, reason, parts } = cellValue(metric, cell);
  const final = cut.closing !== null && cut.closing >= end + plan.closure.latenessMs;
  const head = {
    ...identity(plan.metric, plan.version, cut),
    window: { start: cell.start, end },
    value,
    parts,
    ...(reason === null ? {} : { reason }),
    ...(cut.isPartial ? { partial: true } : {}),
    ...(final ? { final: true } : {}),
    ...(cell.correction ? { correction: true } : {}),
    frontier: cut.frontier,
    hops: {
      eventAt: cell.eventAt,
      appendedAt: cell.appendedAt,
      fetchedAt: cell.fetchedAt,
      computedAt: cell.computedAt,
      emittedAt: cut.emittedAt,
    },
    counts: { in: cell.in, late: cell.late },
    by: { kind: 'freshet', id: cut.instance, build: cut.build },
  };
  return {
    key: valueKey(plan.metric, plan.version, cell.start, cell.dims),
    value: withJson(head, cell.dims, cut.inputs),
  };
}

/** The record that takes a value back (SEMANTICS 3.4). `dims` is canonical JSON. */
export function withdrawalRecord(
  metric: { readonly name: string; readonly version: string; readonly sizeMs: number },
  at: { readonly start: number; readonly dims: string },
  cut: CutFacts,
): { key: string; value: string } {
  const head = {
    ...identity(metric.name, metric.version, cut),
    window: { start: at.start, end: at.start + metric.sizeMs },
    value: null,
    withdrawn: true,
    frontier: cut.frontier,
    by: { kind: 'freshet', id: cut.instance, build: cut.build },
  };
  return {
    key: valueKey(metric.name, metric.version, at.start, at.dims),
    value: withJson(head, at.dims, cut.inputs),
  };
}

const identity = (metric: string, version: string, cut: CutFacts) => ({
  v: VALUE_CONTRACT,
  metric,
  version,
  generation: cut.generation,
  instance: cut.instance,
});

/** Dims and inputs are JSON text already: splicing them in saves building them again for every record of a cut. */
const withJson = (head: object, dims: string, inputs: string): string =>
  `${JSON.stringify(head).slice(0, -1)},"dims":${dims},"inputs":${inputs}}`;
