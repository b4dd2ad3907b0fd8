import type { MetricFace } from '#lib/contracts/feed.ts';
import { isAdditive, type Cell } from './cells.ts';
import { SPARK_WINDOWS } from './points-since.ts';

/** Drawn in a box of this size, in user units; the view scales it. */
export const SPARK_BOX = { width: 120, height: 28 } as const;
const PAD = 3;

/**
 * Path of the last windows up to the one shown, oldest first; empty windows break it, but for zeros that are known (SEMANTICS 2.11).
 * Null when fewer than two numbers stand side by side.
 */
export function sparkPath(
  face: Pick<MetricFace, 'windowMs' | 'measure'>,
  cells: readonly Cell[],
  lastStart: number,
): string | null {
  const first = cells[0];
  if (first === undefined) return null;
  const byStart = new Map(cells.map((cell) => [cell.start, cell.value]));
  const from = Math.max(first.start, lastStart - (SPARK_WINDOWS - 1) * face.windowMs);
  const values: (number | null)[] = [];
  for (let start = from; start <= lastStart; start += face.windowMs) {
    const value = byStart.get(start);
    values.push(
      value === undefined ? (isAdditive(face) ? 0 : null) : value === null ? null : Number(value),
    );
  }
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const low = Math.min(...known);
  const high = Math.max(...known);
  const { width, height } = SPARK_BOX;
  const x = (index: number): number => PAD + (index / (SPARK_WINDOWS - 1)) * (width - 2 * PAD);
  const flat = high === low;
  const y = (value: number): number =>
    flat
      ? value === 0
        ? height - PAD
        : height / 2
      : height - PAD - ((value - low) / (high - low)) * (height - 2 * PAD);
  const shift = SPARK_WINDOWS - values.length;
  let pen = false;
  return values
    .map((value, index) => {
      if (value === null) {
        pen = false;
        return '';
      }
      const step = `${pen ? 'L' : 'M'}${x(index + shift).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = true;
      return step;
    })
    .join('');
}
