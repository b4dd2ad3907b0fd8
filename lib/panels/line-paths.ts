import type { LineChartModel } from './line-series.ts';

/** A linear axis: pixel = slope × value + offset. */
export interface Axis {
  readonly slope: number;
  readonly offset: number;
}

/** One line as SVG path data. `whole` is of complete windows, `open` goes on from its last point, to be drawn dashed. */
export interface LinePaths {
  readonly whole: string;
  readonly open: string;
  /** Pixel of the newest point; null when there is none. */
  readonly end: { readonly x: number; readonly y: number } | null;
}

/**
 * Paths of line `index`. A window's number stands at its end, the open window's at the frontier: a line never reaches further
 * than what is known (UI8). NaN lifts the pen.
 */
export function linePaths(chart: LineChartModel, index: number, x: Axis, y: Axis): LinePaths {
  const values = chart.lines[index]?.values ?? new Float64Array(0);
  const limit = chart.frontier ?? -Infinity;
  let whole = '';
  let open = '';
  let pen = false;
  let last: { x: number; y: number } | null = null;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? NaN;
    const start = chart.starts[i] ?? 0;
    if (Number.isNaN(value) || start >= limit) {
      pen = false;
      continue;
    }
    const at = {
      x: x.slope * Math.min(start + chart.windowMs, limit) + x.offset,
      y: y.slope * value + y.offset,
    };
    const text = `${at.x.toFixed(1)} ${at.y.toFixed(1)}`;
    if (i < chart.openFrom) whole += `${pen ? 'L' : 'M'}${text}`;
    else if (pen && open === '' && last !== null)
      open = `M${last.x.toFixed(1)} ${last.y.toFixed(1)}L${text}`;
    else open += `${pen ? 'L' : 'M'}${text}`;
    pen = true;
    last = at;
  }
  return { whole, open, end: last };
}
