import type { MetricFace, Point } from '#lib/contracts/feed.ts';
import type { MetricNumber } from '#lib/contracts/metric-record.ts';
import { exactTotal } from './exact-total.ts';

/** One window of what a number panel shows. Event time, end exclusive. */
export interface Cell {
  readonly start: number;
  readonly end: number;
  readonly value: MetricNumber;
  /** Why `value` is null, as compute said it. */
  readonly reason: string | null;
  /** Began before the first counted event, or with records missing (SEMANTICS 1.3, 1.4). */
  readonly partial: boolean;
  /** Events that came too late and are not in it. */
  readonly late: number;
}

/** True where values of several series may be added. */
export const isAdditive = (face: Pick<MetricFace, 'measure'>): boolean =>
  face.measure === 'count' || face.measure === 'sum';

const cellOf = (points: readonly [Point, ...Point[]]): Cell => {
  const [first] = points;
  return {
    start: first.start,
    end: first.end,
    value: points.length === 1 ? first.value : exactTotal(points.map((p) => p.value)),
    reason: first.reason,
    partial: points.some((p) => p.partial),
    late: points.reduce((sum, p) => sum + p.late, 0),
  };
};

/**
 * Windows of a metric, oldest first. A grouped metric is added up per window where adding has a meaning (count, sum); else null:
 * there is no one number, and the panel says so (UI4).
 */
export function cellsOf(face: MetricFace, points: Iterable<Point>): readonly Cell[] | null {
  if (face.groupBy.length > 0 && !isAdditive(face)) return null;
  const byStart = new Map<number, [Point, ...Point[]]>();
  for (const point of points) {
    if (point.withdrawn) continue;
    const held = byStart.get(point.start);
    if (held === undefined) byStart.set(point.start, [point]);
    else held.push(point);
  }
  return [...byStart.values()].map(cellOf).sort((a, b) => a.start - b.start);
}
