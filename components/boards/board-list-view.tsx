import Link from 'next/link';
import { StateIconView } from '#components/panels/frame/state-icon-view.tsx';
import { STATE_WORDS } from '#lib/panels/panel-head.ts';
import type { BoardRow } from './board-list-model.ts';

function RowView({ row }: { readonly row: BoardRow }) {
  return (
    <li data-board={row.name} data-state={row.worst ?? 'none'}>
      <Link
        href={`/boards/${row.name}`}
        className="grid gap-x-4 gap-y-1 border-b border-line2 px-4 py-3 hover:bg-line2 md:grid-cols-[150px_1fr_auto]"
      >
        <span className="badge-pill w-fit self-start" data-tone={row.worst ?? 'unknown'}>
          <StateIconView state={row.worst ?? 'unknown'} />
          {row.worst === null ? 'No metric' : STATE_WORDS[row.worst]}
        </span>
        <span className="min-w-0">
          <span className="font-medium">{row.title}</span>{' '}
          <span className="text-ink3">{row.owner}</span>
          {row.description !== '' && (
            <span className="block text-[13px] text-ink2">{row.description}</span>
          )}
        </span>
        <span className="flex flex-wrap gap-x-3 text-[13px] text-ink2 md:justify-end">
          {row.counts.map(({ state, count }) => (
            <span key={state} className="inline-flex items-center gap-1.5" data-tone={state}>
              <StateIconView state={state} />
              {count} {STATE_WORDS[state]}
            </span>
          ))}
          {row.counts.length === 0 && (
            <span>{row.panels === 0 ? 'no panels' : `${row.panels} panels`}</span>
          )}
        </span>
      </Link>
    </li>
  );
}

/** All boards with their worst state first in sight, or what to do when there are none. */
export function BoardListView({ rows }: { readonly rows: readonly BoardRow[] }) {
  if (rows.length === 0)
    return (
      <div className="max-w-xl px-8 py-10">
        <h2 className="text-xl font-semibold">No boards yet</h2>
        <p className="mt-2 mb-4 text-ink2">
          Boards are definitions, like metrics. Apply the example shop to have one to look at and
          copy:
        </p>
        <pre className="code">npx freshet apply -f examples/shop</pre>
      </div>
    );
  return (
    <ul className="m-5 max-w-5xl overflow-hidden rounded-panel border border-line bg-panel">
      {rows.map((row) => (
        <RowView key={row.name} row={row} />
      ))}
    </ul>
  );
}
