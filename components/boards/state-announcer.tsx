'use client';
import { useEffect, useRef, useState } from 'react';
import type { OpenBoard } from '#components/feed/board-state.ts';
import { useMoment } from '#components/feed/use-moment.ts';
import { stateAt } from '#lib/freshness/state.ts';
import type { State } from '#lib/freshness/words.ts';
import { STATE_WORDS } from '#lib/panels/panel-head.ts';

/** Screen readers hear of changes of state at most this often; numbers are never announced. */
const SPEAK_MS = 5_000;
/** Live and Quiet come and go with the traffic and are the same to a listener: good. */
const toneOf = (state: State): State => (state === 'quiet' ? 'live' : state);

/** The one polite live region of a board. */
export function StateAnnouncer({ board }: { readonly board: OpenBoard }) {
  const { now, errorMs, connection, mono } = useMoment();
  const said = useRef<{ at: number; states: ReadonlyMap<string, State> } | null>(null);
  const [text, setText] = useState('');
  useEffect(() => {
    const states = new Map(
      board.view.panels.flatMap(({ spec, face }) => {
        if (face === null) return [];
        const facts = board.panels.get(spec.id)?.facts ?? null;
        const { state } = stateAt(facts, now, errorMs, connection);
        return [[spec.title ?? face.title, toneOf(state)] as const];
      }),
    );
    const before = said.current;
    if (before === null) {
      said.current = { at: mono, states };
      return;
    }
    if (mono - before.at < SPEAK_MS) return;
    const changed = [...states].filter(([title, state]) => before.states.get(title) !== state);
    if (changed.length === 0) return;
    said.current = { at: mono, states };
    setText(changed.map(([title, state]) => `${title}: ${STATE_WORDS[state]}.`).join(' '));
  }, [board, now, errorMs, connection, mono]);
  return (
    <p className="unseen" role="status" aria-live="polite">
      {text}
    </p>
  );
}
