import { useEffect } from 'react';

/** Names the browser tab: the thing first, the product last. */
export function useTabTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Freshet`;
  }, [title]);
}
