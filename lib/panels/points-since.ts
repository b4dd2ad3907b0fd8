import type { PanelSpec } from '#lib/definitions/schema.ts';

/** Windows a number panel's sparkline shows; also its least history, so that the newest complete window is always among them. */
export const SPARK_WINDOWS = 30;
/** Windows beyond the compared instant, because the compared window may end a little before it. */
const COMPARE_SLACK_WINDOWS = 10;
/** Windows beyond the range of a time series: the one cut by its left edge, and the one before it. */
const RANGE_SLACK_WINDOWS = 2;

/**
 * From which event time (epoch ms, exclusive, compared with a window's end) a panel needs its points (FD9).
 *
 * `clusterNow` is the cluster's clock and `closing` the event time up to which windows are complete; the earlier of the two is
 * where the panel's newest number stands, so a metric that fell behind still has its history. Null when neither is known.
 */
export function pointsSince(
  panel: Pick<PanelSpec, 'kind' | 'compare' | 'range'>,
  windowMs: number,
  clusterNow: number | null,
  closing: number | null,
): number | null {
  if (clusterNow === null && closing === null) return null;
  const anchor = Math.min(clusterNow ?? Infinity, closing ?? Infinity);
  return Math.max(0, Math.floor(anchor - spanMs(panel, windowMs)));
}

function spanMs(panel: Pick<PanelSpec, 'kind' | 'compare' | 'range'>, windowMs: number): number {
  if (panel.kind === 'time-series') return panel.range + RANGE_SLACK_WINDOWS * windowMs;
  const compareMs =
    panel.compare === undefined ? 0 : panel.compare + COMPARE_SLACK_WINDOWS * windowMs;
  return Math.max(compareMs, SPARK_WINDOWS * windowMs);
}
