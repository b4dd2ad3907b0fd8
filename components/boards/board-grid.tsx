'use client';
import type { CSSProperties } from 'react';
import type { OpenBoard } from '#components/feed/board-state.ts';
import { Panel } from '#components/panels/panel.tsx';
import type { BoardView } from '#lib/contracts/feed.ts';

type PanelOf = BoardView['panels'][number];

/** A panel for itself takes the page: twelve columns, and as high as a usual screen allows. */
const ALONE = {
  number: { x: 0, y: 0, w: 12, h: 5 },
  'time-series': { x: 0, y: 0, w: 12, h: 8 },
} as const;

/** Rows first, so that one column on a phone reads like the board. */
const byPlace = (a: PanelOf, b: PanelOf): number =>
  a.spec.at.y - b.spec.at.y || a.spec.at.x - b.spec.at.x;

const cell = (at: PanelOf['spec']['at']): CSSProperties =>
  // React's type knows no custom properties.
  ({ '--x': at.x, '--y': at.y, '--w': at.w, '--h': at.h }) as CSSProperties;

export function BoardGrid({
  board,
  only,
}: {
  readonly board: OpenBoard;
  /** Id of the one panel to show; null for all. */
  readonly only: string | null;
}) {
  const { view, panels } = board;
  const shown = view.panels
    .filter(({ spec }) => only === null || spec.id === only)
    .toSorted(byPlace);
  if (shown.length === 0)
    return (
      <p className="p-8 text-ink2">
        This board has no panels yet. Add them to its definition and apply it again.
      </p>
    );
  return (
    <div className="board-grid" data-board={view.name} data-seq={board.seq}>
      {shown.map((panel) => (
        <div
          className="board-cell"
          key={panel.spec.id}
          style={cell(only === null ? panel.spec.at : ALONE[panel.spec.kind])}
        >
          <PanelAt
            board={view.name}
            panel={panel}
            data={panels.get(panel.spec.id) ?? null}
            alone={only !== null}
          />
        </div>
      ))}
    </div>
  );
}

function PanelAt(props: {
  readonly board: string;
  readonly panel: PanelOf;
  readonly data: Parameters<typeof Panel>[0]['data'];
  readonly alone: boolean;
}) {
  const { board, panel, data, alone } = props;
  const id = panel.spec.id;
  const place = { board, panel: id, href: alone ? null : `/boards/${board}/panels/${id}` };
  return <Panel panel={panel} data={data} place={place} />;
}
