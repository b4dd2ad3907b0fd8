import { useCallback, useSyncExternalStore } from 'react';
import { useFeed, type Moment } from './feed-context.tsx';

/** Now, as this tab knows it. Changes at least once a second, also when nothing arrives (FR1). */
export function useMoment(): Moment {
  const feed = useFeed();
  const subscribe = useCallback((onChange: () => void) => feed.subscribe(onChange), [feed]);
  const moment = useCallback(() => feed.moment(), [feed]);
  return useSyncExternalStore(subscribe, moment, moment);
}
