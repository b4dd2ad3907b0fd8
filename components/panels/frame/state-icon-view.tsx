import type { ReactNode } from 'react';
import type { State } from '#lib/freshness/words.ts';

/** One shape per state, told apart without colour. Drawn in a box of 12. */
const SHAPES: Readonly<Record<State, ReactNode>> = {
  live: <circle cx="6" cy="6" r="4" />,
  quiet: (
    <>
      <circle cx="6" cy="6" r="3.5" className="open" />
      <path d="M6 2.5a3.5 3.5 0 0 0 0 7z" />
    </>
  ),
  late: <path d="M6 1.6 11 10.4H1z" />,
  stale: <rect x="2" y="2" width="8" height="8" rx="1" />,
  blocked: <path d="M2.5 1.5h7L6 6zM2.5 10.5h7L6 6z" />,
  unknown: <path className="open" d="M3.8 4.2a2.3 2.3 0 1 1 3.2 2.1c-.7.3-1 .7-1 1.4M6 9.9v.1" />,
  replaying: <path className="open" d="M10 6a4 4 0 1 1-1.2-2.9M9 .9v2.4H6.6" />,
  disconnected: <path className="open" d="M.8 6h3M8.2 6h3M3.8 3.2v5.6M8.2 3.2v5.6" />,
};

/** The shape of a state; always stands beside its word, so it is hidden from screen readers. */
export function StateIconView({ state }: { readonly state: State }) {
  return (
    <svg className="state-icon" viewBox="0 0 12 12" aria-hidden="true">
      {SHAPES[state]}
    </svg>
  );
}
