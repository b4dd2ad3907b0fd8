/** The words of SEMANTICS 4.7, in the order in which they are tried: the first that holds is the state. */
export const STATES = [
  'disconnected',
  'unknown',
  'replaying',
  'stale',
  'blocked',
  'late',
  'quiet',
  'live',
] as const;
export type State = (typeof STATES)[number];

/** Whether the viewer hears the server. `sinceMs` is for how long it has not, on the viewer's monotonic clock. */
export type Connection =
  { readonly kind: 'connected' } | { readonly kind: 'lost'; readonly sinceMs: number };
