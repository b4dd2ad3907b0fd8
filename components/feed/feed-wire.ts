import type { BoardUpdate, ReplyOf, RequestName, RequestOf } from '#lib/contracts/feed.ts';

export interface WireHandlers {
  connected(): void;
  disconnected(): void;
  update(update: BoardUpdate): void;
  closed(event: { board: string; reason: 'changed' | 'deleted' | 'access-revoked' }): void;
}

/** One connection to the server that comes back by itself. Socket.IO in the browser, hand-cranked in tests. */
export interface FeedWire {
  /** Connects and keeps connecting until `close`. */
  open(handlers: WireHandlers): void;
  /** Rejects when there is no connection or no answer in time; a late answer is dropped. */
  request<N extends RequestName>(name: N, request: RequestOf<N>): Promise<ReplyOf<N>>;
  /** Drops a connection that has gone silent, so that a new one is made. */
  renew(): void;
  close(): void;
}
