'use client';
import { MessageView } from '#components/ui/message-view.tsx';

/** A fault of the page itself, not of the data: the feed and the server are not concerned. */
export default function ErrorPage({ reset }: { readonly reset: () => void }) {
  return (
    <main>
      <MessageView title="This page broke">
        Something in the page itself went wrong; the numbers on the server are not affected.{' '}
        <button type="button" className="link" onClick={reset}>
          Show the page again
        </button>
        .
      </MessageView>
    </main>
  );
}
