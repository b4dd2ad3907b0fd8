/** Work that only one hub may do (history, incidents, retention). With SQLite it is always granted. */
export interface Lease {
  /** Resolves with a signal that aborts when the lease is lost; rejects when `signal` aborts first. */
  hold(name: string, signal: AbortSignal): Promise<AbortSignal>;
}
