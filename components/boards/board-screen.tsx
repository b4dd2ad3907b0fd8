'use client';
import { useState } from 'react';
import { useBoard } from '#components/feed/use-board.ts';
import { ColourBookProvider } from '#components/panels/use-colour-book.ts';
import { TimeStyleProvider } from '#components/panels/use-viewing.ts';
import { TopBar } from '#components/shell/top-bar.tsx';
import { useTabTitle } from '#components/shell/use-tab-title.ts';
import { createColourBook } from '#lib/panels/series-colours.ts';
import { BoardGrid } from './board-grid.tsx';
import { BoardMessage } from './board-message.tsx';
import { StateAnnouncer } from './state-announcer.tsx';
import { useBoardTimeStyle } from './use-board-time-style.ts';

/** A board, or one of its panels for itself, live from the feed. */
export function BoardScreen({ name, panel }: { readonly name: string; readonly panel?: string }) {
  const board = useBoard(name);
  const view = board.kind === 'open' ? board.view : null;
  const style = useBoardTimeStyle(view?.zone ?? null);
  const [book] = useState(createColourBook);
  useTabTitle(view?.title ?? name);
  const missing =
    view !== null && panel !== undefined && !view.panels.some(({ spec }) => spec.id === panel);
  return (
    <>
      <TopBar
        title={view?.title ?? name}
        {...(panel !== undefined && { href: `/boards/${name}` })}
        sub={view === null ? '' : `${view.owner} · times in ${style.zone}`}
      />
      <main>
        {board.kind === 'open' && !missing ? (
          <TimeStyleProvider value={style}>
            <ColourBookProvider value={book}>
              <BoardGrid board={board} only={panel ?? null} />
              <StateAnnouncer board={board} />
            </ColourBookProvider>
          </TimeStyleProvider>
        ) : (
          <BoardMessage board={board} name={name} missingPanel={missing ? (panel ?? null) : null} />
        )}
      </main>
    </>
  );
}
