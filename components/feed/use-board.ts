import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { BoardState } from './board-state.ts';
import { useFeed } from './feed-context.tsx';

/** Joins a board while mounted, and tells the server which packet is on the screen. */
export function useBoard(name: string): BoardState {
  const feed = useFeed();
  useEffect(() => feed.open(name), [feed, name]);
  const subscribe = useCallback((onChange: () => void) => feed.subscribe(onChange), [feed]);
  const board = useCallback(() => feed.board(name), [feed, name]);
  const state = useSyncExternalStore(subscribe, board, board);
  const seq = state.kind === 'open' ? state.seq : null;
  useEffect(() => {
    if (seq === null) return;
    // The frame after the commit begins when the committed one has been painted. Not cancelled by the next packet: at one packet
    // per frame no packet would ever count as painted.
    requestAnimationFrame(() => feed.painted(name, seq));
  }, [feed, name, seq]);
  return state;
}
