import { BoardScreen } from '#components/boards/board-screen.tsx';

export default async function BoardPage({
  params,
}: {
  readonly params: Promise<{ readonly name: string }>;
}) {
  const { name } = await params;
  return <BoardScreen name={name} />;
}
