import { MessageView } from '#components/ui/message-view.tsx';

export default function NotFound() {
  return (
    <main>
      <MessageView title="There is no such page">
        The address may be mistyped, or the page has moved. All boards are one click away.
      </MessageView>
    </main>
  );
}
