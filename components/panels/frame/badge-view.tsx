import type { ComponentProps } from 'react';
import type { PanelHead } from '#lib/panels/panel-head.ts';
import { StateIconView } from './state-icon-view.tsx';

/** State and age as a button that opens Why. It is always as wide as its widest text, so that nothing beside it moves (UI11). */
export function BadgeView({
  head,
  title,
  ...button
}: ComponentProps<'button'> & { readonly head: PanelHead; readonly title: string }) {
  return (
    <button
      type="button"
      className="badge"
      aria-label={`${head.word} ${head.age}. Why is ${title} ${head.word.toLowerCase()}?`}
      {...button}
    >
      {head.widest.map(([word, age]) => (
        <span className="badge-ghost" key={word} aria-hidden="true">
          <StateIconView state="live" />
          <span>{word}</span>
          <span className="badge-age">{age}</span>
        </span>
      ))}
      <span className="badge-pill" data-tone={head.state}>
        <StateIconView state={head.state} />
        <span data-role="state">{head.word}</span>
        <data className="badge-age" data-role="age" value={head.ageMs ?? ''}>
          {head.age}
        </data>
      </span>
    </button>
  );
}
