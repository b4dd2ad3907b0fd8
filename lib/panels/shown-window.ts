import type { MetricFace } from '#lib/contracts/feed.ts';
import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import { isAdditive, type Cell } from './cells.ts';

/** What a number panel shows, and of which window. Every variant but `nothing` and `grouped` names its window (event time). */
export type Shown =
  | {
      readonly kind: 'value';
      readonly cell: Cell;
      /** The window is still open: the number is "so far". */
      readonly soFar: boolean;
    }
  /** Nobody computed it, but frontier and closing prove that nothing happened (SEMANTICS 2.11). */
  | {
      readonly kind: 'derived-zero';
      readonly start: number;
      readonly end: number;
      readonly soFar: boolean;
    }
  /** The window stands, without events; the newest older number may be shown dimmed beside its own window. */
  | {
      readonly kind: 'no-events';
      readonly start: number;
      readonly end: number;
      readonly last: Cell | null;
    }
  /** Nothing says which window is the current one. */
  | { readonly kind: 'nothing'; readonly last: Cell | null }
  /** A grouped metric whose series cannot be added. */
  | { readonly kind: 'grouped' };

/** Tumbling windows stand at multiples of their size since the epoch. */
const floorTo = (at: number, size: number): number => Math.floor(at / size) * size;

function newestBefore(cells: readonly Cell[], start: number): Cell | null {
  return cells.findLast((cell) => cell.start < start) ?? null;
}

/**
 * Start of the window to show: `complete` is the newest whose end ≤ closing; `current` is the one in which closing stands, or a
 * newer one that already has events, but never one past what frontier or closing reach (SEMANTICS 4.8, UI1).
 */
function startShown(
  cells: readonly Cell[],
  closing: number,
  facts: FreshnessFacts,
  options: { readonly windowMs: number; readonly show: 'complete' | 'current' },
): number {
  const open = floorTo(closing, options.windowMs);
  if (options.show === 'complete') return open - options.windowMs;
  const reach = Math.max(closing, facts.frontier ?? 0);
  const newest = cells.findLast((cell) => cell.start <= reach);
  return newest === undefined ? open : Math.max(open, newest.start);
}

/** The window a number panel shows and what stands in it (UI1, UI2). `cells` come oldest first; null means grouped. */
export function shownWindow(
  face: Pick<MetricFace, 'windowMs' | 'measure'>,
  show: 'complete' | 'current',
  cells: readonly Cell[] | null,
  facts: FreshnessFacts,
): Shown {
  if (cells === null) return { kind: 'grouped' };
  if (facts.closing === null) return { kind: 'nothing', last: cells.at(-1) ?? null };
  const { windowMs } = face;
  const start = startShown(cells, facts.closing, facts, { windowMs, show });
  const end = start + windowMs;
  const soFar = end > facts.closing;
  const cell = cells.find((candidate) => candidate.start === start);
  if (cell !== undefined) return { kind: 'value', cell, soFar };
  const last = newestBefore(cells, start);
  if (facts.frontier === null) return { kind: 'nothing', last };
  if (isAdditive(face)) return { kind: 'derived-zero', start, end, soFar };
  return { kind: 'no-events', start, end, last };
}
