import { BoardList } from '#components/boards/board-list.tsx';

export default function BoardsPage() {
  return <BoardList />;
}
