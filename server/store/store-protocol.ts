/** What a store's thread can do: each operation takes one cloneable argument and answers a cloneable value. */
export type Operations<T> = { readonly [N in keyof T]: (argument: never) => unknown };

export interface StoreRequest {
  readonly id: number;
  readonly operation: string;
  readonly argument: unknown;
}

/** Why an operation failed, in words that may leave the process; `detail` is for the log only. */
export interface StoreFailure {
  readonly code: 'store/failed' | 'store/locked' | 'store/newer';
  readonly message: string;
  readonly detail: string;
}

export type StoreReply =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly failure: StoreFailure }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: StoreFailure }
  | { readonly kind: 'closed'; readonly failure: StoreFailure | null };

/** Asks the thread to finish: it is the last message it gets. */
export const CLOSE = 'close';
export type StoreMessage = StoreRequest | typeof CLOSE;

export interface StoreThreadData {
  readonly file: string;
  /** Settings of the store's own thread; cloneable. */
  readonly settings: unknown;
}
