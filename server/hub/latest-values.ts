import type { Point } from '#lib/contracts/feed.ts';

/** How much event time of each metric version is held in memory; boards look back an hour by default, comparisons further. */
export const HELD_SPAN_MS = 3 * 3_600_000;

/**
 * The newest point of every series and window of one metric version, as far back as HELD_SPAN_MS before its newest window or before
 * now, whichever is earlier: old data that loads keeps its own last hours, and a window far in the future pushes nothing out.
 */
export class LatestValues {
  readonly #windows = new Map<number, Map<string, Point>>();
  #newestStart = -1;
  #horizon = -1;
  /** When something was last applied here, any clock of the caller. */
  touchedAt = 0;

  /** @param now cluster clock @returns false when the window is older than what is held */
  apply(point: Point, now: number): boolean {
    this.#advance(point.start, now);
    if (point.start < this.#horizon) return false;
    const window = this.#windows.get(point.start);
    if (point.withdrawn) {
      window?.delete(point.dims);
      return true;
    }
    if (window === undefined) this.#windows.set(point.start, new Map([[point.dims, point]]));
    else window.set(point.dims, point);
    return true;
  }

  /** End of the window a series has at `start`, or null when it is not held. */
  endOf(start: number, dims: string): number | null {
    return this.#windows.get(start)?.get(dims)?.end ?? null;
  }

  /** Points of windows that end after `since`, event time; any order. */
  since(since: number): Point[] {
    const points: Point[] = [];
    for (const window of this.#windows.values())
      for (const point of window.values()) if (point.end > since) points.push(point);
    return points;
  }

  #advance(start: number, now: number): void {
    if (start <= this.#newestStart) return;
    this.#newestStart = start;
    const horizon = Math.min(now, start) - HELD_SPAN_MS;
    if (horizon <= this.#horizon) return;
    this.#horizon = horizon;
    for (const held of this.#windows.keys()) if (held < horizon) this.#windows.delete(held);
  }
}
