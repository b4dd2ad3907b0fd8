'use client';
import type { BoardState } from '#components/feed/board-state.ts';
import { useMoment } from '#components/feed/use-moment.ts';
import { MessageView } from '#components/ui/message-view.tsx';
import { ageText } from '#lib/panels/age-text.ts';

/** What stands in a board's place while, or because, there is none. */
export function BoardMessage({
  board,
  name,
  missingPanel,
}: {
  readonly board: BoardState;
  readonly name: string;
  readonly missingPanel: string | null;
}) {
  const { connection, connecting } = useMoment();
  if (missingPanel !== null)
    return (
      <MessageView
        title="This board has no such panel"
        back={`/boards/${name}`}
        backText="To the board"
      >
        It may have been taken off. The board itself is there.
      </MessageView>
    );
  if (board.kind === 'closed')
    return board.reason === 'deleted' ? (
      <MessageView title="This board was deleted">
        Somebody removed its definition while you looked at it.
      </MessageView>
    ) : (
      <MessageView title="You may no longer see this board">Ask its owner.</MessageView>
    );
  if (board.kind === 'refused' && board.error.code === 'http/not-found')
    return <MessageView title={`There is no board "${name}"`}>{board.error.message}</MessageView>;
  if (board.kind === 'refused' && board.error.code === 'feed/protocol-mismatch')
    return (
      <MessageView title="This page is older than the server">
        Load it again to get the new one.
      </MessageView>
    );
  if (board.kind === 'refused')
    return <MessageView title="The server refused this board">{board.error.message}</MessageView>;
  if (connection.kind === 'lost' && !connecting)
    return (
      <MessageView title="The server does not answer">
        Nothing was heard for {ageText(connection.sinceMs)}. This page keeps trying and comes back
        by itself.
      </MessageView>
    );
  return <p className="p-8 text-ink3">Opening the board…</p>;
}
