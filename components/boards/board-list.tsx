'use client';
import { useQuery } from '@tanstack/react-query';
import { useMoment } from '#components/feed/use-moment.ts';
import { getJson } from '#components/rest/get-json.ts';
import { TopBar } from '#components/shell/top-bar.tsx';
import { useTabTitle } from '#components/shell/use-tab-title.ts';
import { MessageView } from '#components/ui/message-view.tsx';
import type { BoardList as BoardListAnswer } from '#lib/contracts/rest.ts';
import { boardRows } from './board-list-model.ts';
import { BoardListView } from './board-list-view.tsx';

const ASK_AGAIN_MS = 2_000;

export function BoardList() {
  const asked = useQuery({
    queryKey: ['boards'],
    queryFn: ({ signal }) => getJson<BoardListAnswer>('boards', signal),
    refetchInterval: ASK_AGAIN_MS,
  });
  const { now, errorMs, connection, connecting } = useMoment();
  useTabTitle('Boards');
  const boards = asked.data?.boards ?? null;
  return (
    <>
      <TopBar title="Boards" sub="" />
      <main>
        {boards === null && asked.isError && (
          <MessageView title="The server does not answer" backText="Try again">
            {asked.error.message} This page keeps asking.
          </MessageView>
        )}
        {boards === null && !asked.isError && (
          <p className="p-8 text-ink3">Asking for the boards…</p>
        )}
        {boards !== null && connecting && <p className="p-8 text-ink3">Connecting…</p>}
        {boards !== null && !connecting && (
          <BoardListView rows={boardRows(boards, { now, errorMs, connection })} />
        )}
      </main>
    </>
  );
}
