import type { Connection } from '#lib/freshness/words.ts';
import { ageText } from '#lib/panels/age-text.ts';

interface Link {
  readonly connection: Connection;
  readonly connecting: boolean;
  /** Cluster clock; null while it is not measured. */
  readonly now: number | null;
  readonly errorMs: number;
  readonly rttMs: number | null;
}

/** An error bound above this is a problem people should see (SEMANTICS 4.4). */
const CLOCK_PROBLEM_MS = 1_000;

function textOf(moment: Link): string {
  if (moment.connecting) return 'Connecting…';
  if (moment.connection.kind === 'lost') return `No server · ${ageText(moment.connection.sinceMs)}`;
  if (moment.now === null) return 'Connected · clock unknown';
  if (moment.errorMs > CLOCK_PROBLEM_MS) return `Connected · clock ± ${ageText(moment.errorMs)}`;
  return `Connected · ${Math.max(1, Math.round(moment.rttMs ?? 0))} ms`;
}

/** Whether this tab hears its server, and how far away it is. */
export function ConnectionView({ moment }: { readonly moment: Link }) {
  const tone = moment.connecting ? 'unknown' : moment.connection.kind === 'lost' ? 'stale' : 'live';
  return (
    <span
      className="inline-flex items-center gap-1.5 text-[13px] whitespace-nowrap text-ink2 tabular-nums"
      data-role="connection"
      data-connection={moment.connecting ? 'connecting' : moment.connection.kind}
      title={`Clock known to ± ${Math.ceil(moment.errorMs)} ms`}
    >
      <i className="connection-dot" data-tone={tone} aria-hidden="true" />
      {textOf(moment)}
    </span>
  );
}
