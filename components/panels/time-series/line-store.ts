import type { LineChartModel } from '#lib/panels/line-series.ts';

/** What the lines need of a model: numbers and colours. */
export interface DrawnLines {
  readonly chart: LineChartModel;
  /** Index of each line's colour, 0 to 7. */
  readonly colours: readonly number[];
}

/** Holds the newest lines outside React, so that a new value redraws paths and not the chart around them. */
export interface LineStore {
  lines(): DrawnLines | null;
  set(lines: DrawnLines): void;
  subscribe(onChange: () => void): () => void;
}

export function createLineStore(): LineStore {
  let held: DrawnLines | null = null;
  const listeners = new Set<() => void>();
  return {
    lines: () => held,
    set(lines) {
      held = lines;
      for (const listener of listeners) listener();
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
}
