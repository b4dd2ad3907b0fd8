'use client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { BrowserFeed } from '#components/feed/browser-feed.tsx';

/** Everything pages share: the feed, and the cache of what is asked over REST. Polling is the retry. */
export function Providers({ children }: { readonly children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: { retry: false, refetchOnWindowFocus: true, networkMode: 'always' },
        },
      }),
  );
  return (
    <QueryClientProvider client={client}>
      <BrowserFeed>{children}</BrowserFeed>
    </QueryClientProvider>
  );
}
