import type { LineChartModel } from './line-series.ts';

/** Where the axes stand. It moves in steps, so that the frame is drawn seldom and the lines often. */
export interface ChartFrame {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
  readonly yTicks: readonly number[];
}

/** The time axis moves at most this often; shorter windows would redraw the frame for every value. */
const LEAST_STEP_MS = 5_000;
/** Steps in which an axis may be divided, times a power of ten. */
const NICE = [1, 2, 2.5, 5, 10] as const;
/** The axis gives way only when the data leave less than this share of it filled, so that it does not breathe. */
const LEAST_FILL = 0.4;
const Y_INTERVALS = 4;

/** Right edge is the first step at or after `now`; the range reaches back from there. All in the cluster's clock. */
export function timeSpan(
  now: number,
  rangeMs: number,
  windowMs: number,
): { readonly from: number; readonly to: number } {
  const step = Math.max(LEAST_STEP_MS, Math.min(windowMs, rangeMs / 20));
  const to = Math.ceil(now / step) * step;
  return { from: to - rangeMs, to };
}

const niceStep = (span: number): number => {
  const power = 10 ** Math.floor(Math.log10(span));
  return (NICE.find((step) => step * power >= span) ?? 10) * power;
};

function extent(model: LineChartModel): readonly [number, number] {
  let low = 0;
  let high = -Infinity;
  for (const { values } of model.lines)
    for (const value of values) {
      if (value > high) high = value;
      if (value < low) low = value;
    }
  return [low, high === -Infinity ? 1 : high];
}

/**
 * Axes for a model: zero is always on the y axis (a cut-off axis makes small changes look large), bounds are round, and the bounds
 * `held` before stay while the data still fill them.
 */
export function chartFrame(
  model: LineChartModel,
  span: { readonly from: number; readonly to: number },
  held: ChartFrame | null,
): ChartFrame {
  const [low, high] = extent(model);
  const fits =
    held !== null &&
    low >= held.low &&
    high <= held.high &&
    high - low >= (held.high - held.low) * LEAST_FILL;
  if (held !== null && fits)
    return held.from === span.from && held.to === span.to ? held : { ...held, ...span };
  const room = Math.max(high, 0) - low || 1;
  const step = niceStep((room * 1.05) / Y_INTERVALS);
  const bottom = Math.floor(low / step) * step;
  const top = Math.max(bottom + step, Math.ceil((Math.max(high, 0) * 1.02) / step) * step);
  const count = Math.round((top - bottom) / step);
  const yTicks = Array.from({ length: count + 1 }, (_, index) =>
    Number((bottom + index * step).toPrecision(12)),
  );
  return { ...span, low: bottom, high: top, yTicks };
}
