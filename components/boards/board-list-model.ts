import type { BoardSummary } from '#lib/contracts/rest.ts';
import { stateAt } from '#lib/freshness/state.ts';
import type { State } from '#lib/freshness/words.ts';
import { stateCounts, worstState, type StateCount } from '#lib/panels/board-summary.ts';
import type { Viewing } from '#lib/panels/panel-head.ts';

export interface BoardRow {
  readonly name: string;
  readonly title: string;
  readonly owner: string;
  readonly description: string;
  /** Null when the board has no panel with a metric. */
  readonly worst: State | null;
  readonly counts: readonly StateCount[];
  readonly panels: number;
}

/** Boards with the states their panels have now: computed again as time passes, not when the server is asked. */
export function boardRows(
  boards: readonly BoardSummary[],
  viewing: Pick<Viewing, 'now' | 'errorMs' | 'connection'>,
): readonly BoardRow[] {
  return boards.map((board) => {
    const states = board.panels
      .filter(({ facts }) => facts !== null)
      .map(({ facts }) => stateAt(facts, viewing.now, viewing.errorMs, viewing.connection).state);
    return {
      name: board.name,
      title: board.title,
      owner: board.owner,
      description: board.description ?? '',
      worst: worstState(states),
      counts: stateCounts(states),
      panels: board.panels.length,
    };
  });
}
