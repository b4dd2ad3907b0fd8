import type { State } from '#lib/freshness/words.ts';

/** Worst first; SEMANTICS 4.7's order is also the order of trouble, but for Replaying, which is work and not harm. */
const SEVERITY: readonly State[] = [
  'disconnected',
  'unknown',
  'stale',
  'blocked',
  'late',
  'replaying',
  'quiet',
  'live',
];

export interface StateCount {
  readonly state: State;
  readonly count: number;
}

/** The worst of several states; null of none. */
export const worstState = (states: readonly State[]): State | null =>
  SEVERITY.find((state) => states.includes(state)) ?? null;

/** How many panels are in each state, worst first; states nobody is in are left out. */
export function stateCounts(states: readonly State[]): readonly StateCount[] {
  return SEVERITY.map((state) => ({
    state,
    count: states.filter((other) => other === state).length,
  })).filter(({ count }) => count > 0);
}
