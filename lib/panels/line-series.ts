import type { MetricFace, Point } from '#lib/contracts/feed.ts';
import type { Dims, MetricNumber } from '#lib/contracts/metric-record.ts';
import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import { isAdditive } from './cells.ts';
import { exactTotal } from './exact-total.ts';
import { SERIES_MAX } from './series-colours.ts';

/** One line of a time series. `values[i]` belongs to `windows[i]` of the chart; NaN is a gap. */
export interface Line {
  readonly label: string;
  readonly values: Float64Array;
  /** The same numbers as they were computed, for tooltips and legends; undefined where nobody computed one. */
  readonly exact: readonly (MetricNumber | undefined)[];
}

export interface LineChartModel {
  /** Event time, oldest first, without holes: window i starts at `starts[i]`. */
  readonly starts: readonly number[];
  readonly windowMs: number;
  readonly lines: readonly Line[];
  /** Series that found no place among the lines and could not be added into "other". */
  readonly hidden: number;
  /** First window whose end is past `closing`: from there lines are dashed. Equals starts.length when none is open. */
  readonly openFrom: number;
  /** Where every line ends, epoch ms; null when nothing proves it. */
  readonly frontier: number | null;
  /** Index of the newest complete window, −1 when there is none. */
  readonly newest: number;
  /** Events of the shown windows that came too late and were not counted. */
  readonly late: number;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Dims are made by `canonicalDims`, so this never meets foreign JSON. */
const parseDims = (dims: string): Dims => JSON.parse(dims) as Dims;

function labelOf(dims: string, face: MetricFace, by: string | undefined): string {
  if (face.groupBy.length === 0) return face.title;
  const values = parseDims(dims);
  const names = by !== undefined && isAdditive(face) ? [by] : face.groupBy;
  return names.map((name) => String(values[name] ?? 'none')).join(' · ');
}

type Bucket = Map<number, MetricNumber[]>;

const total = (bucket: Bucket): number => {
  let sum = 0;
  for (const values of bucket.values()) for (const value of values) sum += Number(value ?? 0);
  return sum;
};

/** Keeps the largest series by their total over the range (ties by label) and adds the rest up where adding has a meaning. */
function bounded(
  buckets: Map<string, Bucket>,
  additive: boolean,
): { readonly kept: readonly (readonly [string, Bucket])[]; readonly hidden: number } {
  const byLabel = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  if (buckets.size <= SERIES_MAX)
    return { kept: [...buckets].sort(([a], [b]) => byLabel(a, b)), hidden: 0 };
  const ranked = [...buckets].sort(([a, x], [b, y]) => total(y) - total(x) || byLabel(a, b));
  const kept = ranked.slice(0, additive ? SERIES_MAX - 1 : SERIES_MAX);
  const rest = ranked.slice(kept.length);
  kept.sort(([a], [b]) => byLabel(a, b));
  if (!additive) return { kept, hidden: rest.length };
  const other: Bucket = new Map();
  for (const [, bucket] of rest)
    for (const [start, values] of bucket)
      other.set(start, [...(other.get(start) ?? []), ...values]);
  return { kept: [...kept, [`other (${rest.length})`, other]], hidden: 0 };
}

/**
 * The lines of a time series (UI8): gaps break them; an empty window is zero only for count and sum, between the first point known
 * and `closing` (SEMANTICS 2.11); nothing stands after the frontier. `by` names the dimension whose values become lines.
 */
export function lineChart(
  face: MetricFace,
  points: Iterable<Point>,
  facts: FreshnessFacts,
  options: { readonly range: Range; readonly by: string | undefined },
): LineChartModel {
  const { windowMs } = face;
  const { range, by } = options;
  const additive = isAdditive(face);
  const { frontier, closing } = facts;
  const buckets = new Map<string, Bucket>();
  const labels = new Map<string, string>();
  let first = Infinity;
  let last = -Infinity;
  let late = 0;
  for (const point of points) {
    if (point.withdrawn) continue;
    first = Math.min(first, point.start);
    if (point.end <= range.from || point.start >= Math.min(range.to, frontier ?? 0)) continue;
    last = Math.max(last, point.start);
    late += point.late;
    const label = labels.get(point.dims) ?? labelOf(point.dims, face, by);
    labels.set(point.dims, label);
    const bucket = buckets.get(label) ?? new Map<number, MetricNumber[]>();
    buckets.set(label, bucket);
    const held = bucket.get(point.start);
    if (held === undefined) bucket.set(point.start, [point.value]);
    else held.push(point.value);
  }
  const begin = Math.max(Math.floor(range.from / windowMs) * windowMs, first);
  // Windows up to closing stand even when nobody has a point in them.
  const stop = Math.max(last, closing === null ? -Infinity : closing - windowMs);
  const starts: number[] = [];
  for (let at = begin; at <= Math.min(stop, range.to); at += windowMs) starts.push(at);
  const openAt = starts.findIndex((start) => closing === null || start + windowMs > closing);
  const openFrom = openAt === -1 ? starts.length : openAt;
  const { kept, hidden } = bounded(buckets, additive);
  const lines = kept.map(([label, bucket]): Line => {
    const values = new Float64Array(starts.length).fill(NaN);
    const exact = starts.map((start, index): MetricNumber | undefined => {
      const held = bucket.get(start);
      const value = held === undefined ? undefined : exactTotal(held);
      const zero = value === undefined && additive && index < openFrom && frontier !== null;
      if (value !== undefined && value !== null) values[index] = Number(value);
      if (zero) values[index] = 0;
      return zero ? 0 : value;
    });
    return { label, values, exact };
  });
  return { starts, windowMs, lines, hidden, openFrom, frontier, newest: openFrom - 1, late };
}
