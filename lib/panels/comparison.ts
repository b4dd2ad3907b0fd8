import type { MetricFace } from '#lib/contracts/feed.ts';
import { isAdditive, type Cell } from './cells.ts';
import type { Shown } from './shown-window.ts';

/** How the shown number stands against the same window `compareMs` earlier. */
export interface Comparison {
  readonly direction: 'up' | 'down' | 'same';
  /** Null where the metric does not say what is good, or nothing changed. */
  readonly verdict: 'better' | 'worse' | null;
  readonly before: number;
  /** now − before, in the metric's own unit. */
  readonly change: number;
  /** change / |before|; null when before is 0. */
  readonly ratio: number | null;
  readonly compareMs: number;
}

/** The number of the window that starts at `start`; a zero only where points before and closing after prove it (SEMANTICS 2.11). */
function numberAt(
  face: Pick<MetricFace, 'measure'>,
  cells: readonly Cell[],
  start: number,
): number | null {
  const cell = cells.find((candidate) => candidate.start === start);
  if (cell !== undefined) {
    if (cell.value === null || cell.partial) return null;
    return Number(cell.value);
  }
  const first = cells[0];
  const known = first !== undefined && first.start < start;
  return isAdditive(face) && known ? 0 : null;
}

/**
 * Compares the shown window with the one exactly `compareMs` earlier (UI3). Absent (null) when either is unknown, when the shown
 * one is still open (its earlier twin is whole), or when windows do not stand `compareMs` apart.
 */
export function compareWindows(
  face: Pick<MetricFace, 'measure' | 'good' | 'windowMs'>,
  cells: readonly Cell[],
  shown: Shown,
  compareMs: number,
): Comparison | null {
  if (shown.kind !== 'value' && shown.kind !== 'derived-zero') return null;
  if (shown.soFar || compareMs % face.windowMs !== 0) return null;
  const start = shown.kind === 'value' ? shown.cell.start : shown.start;
  const value = shown.kind === 'value' ? shown.cell.value : 0;
  if (value === null) return null;
  const before = numberAt(face, cells, start - compareMs);
  if (before === null) return null;
  const change = Number(value) - before;
  const direction = change === 0 ? 'same' : change > 0 ? 'up' : 'down';
  return {
    direction,
    verdict:
      face.good === null || direction === 'same'
        ? null
        : direction === face.good
          ? 'better'
          : 'worse',
    before,
    change,
    ratio: before === 0 ? null : change / Math.abs(before),
    compareMs,
  };
}
