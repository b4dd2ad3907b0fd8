import { createContext, useContext } from 'react';
import type { HopSummary } from '#lib/contracts/progress.ts';
import type { Connection } from '#lib/freshness/words.ts';
import type { BoardState } from './board-state.ts';

/** What a tab knows of now. A new object whenever something in it changed, at least once a second. */
export interface Moment {
  /** Cluster clock, epoch ms; null while it is not measured. */
  readonly now: number | null;
  /** The tab's monotonic clock at the same instant. */
  readonly mono: number;
  readonly errorMs: number;
  readonly connection: Connection;
  /** True from the start of the page until the server was heard, or was silent for too long. */
  readonly connecting: boolean;
  /** Round trip of the newest clock probe, ms. */
  readonly rttMs: number | null;
}

/** The two last hops as this screen measured them over a minute. */
export interface ScreenHops {
  readonly deliver: HopSummary | null;
  readonly paint: HopSummary | null;
}

/** What a component may do with the server. Browser, story and test each supply one. */
export interface Feed {
  /** Calls back at most once per animation frame, after any change of what the other members answer. */
  subscribe(onChange: () => void): () => void;
  moment(): Moment;
  board(name: string): BoardState;
  /** Joins a board; the returned function leaves it. Several may hold one board. */
  open(name: string): () => void;
  /** The packet `seq` of a board and all before it are on the screen. */
  painted(name: string, seq: number): void;
  screenHops(board: string, panel: string): ScreenHops;
}

const FeedContext = createContext<Feed | null>(null);
export const FeedProvider = FeedContext.Provider;

export function useFeed(): Feed {
  const feed = useContext(FeedContext);
  if (feed === null) throw new Error('useFeed needs a FeedProvider above it.');
  return feed;
}
