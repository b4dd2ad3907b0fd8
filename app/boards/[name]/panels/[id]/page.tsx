import { BoardScreen } from '#components/boards/board-screen.tsx';

export default async function PanelPage({
  params,
}: {
  readonly params: Promise<{ readonly name: string; readonly id: string }>;
}) {
  const { name, id } = await params;
  return <BoardScreen name={name} panel={id} />;
}
