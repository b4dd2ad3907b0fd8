'use client';
import { useEffect, useState, type ReactNode } from 'react';
import { FeedClient } from './feed-client.ts';
import { FeedProvider } from './feed-context.tsx';
import { SocketWire } from './socket-wire.ts';
import { browserTab } from './tab.ts';

/** `?cadence=frame` asks for every update as soon as the last was painted; the default is calm. */
const cadence = (): 'calm' | 'frame' =>
  typeof location !== 'undefined' && new URLSearchParams(location.search).get('cadence') === 'frame'
    ? 'frame'
    : 'calm';

/** One feed for the whole tab, connected to the server the page came from. */
export function BrowserFeed({ children }: { readonly children: ReactNode }) {
  const [feed] = useState(
    () => new FeedClient(() => new SocketWire(), browserTab(), { cadence: cadence() }),
  );
  useEffect(() => feed.start(), [feed]);
  return <FeedProvider value={feed}>{children}</FeedProvider>;
}
