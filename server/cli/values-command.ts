import type { MetricFace } from '#lib/contracts/feed.ts';
import type { MetricNumber } from '#lib/contracts/metric-record.ts';
import { valuesReplySchema, whySchema, type ValuesReply } from '#lib/contracts/rest.ts';
import { stateAt } from '#lib/freshness/state.ts';
import { ageOverTarget } from '#lib/panels/age-text.ts';
import { numberLine } from '#lib/panels/number-format.ts';
import { sentenceText } from '#lib/panels/sentence-text.ts';
import { clockText, spanText, type TimeStyle } from '#lib/panels/time-format.ts';
import type { CommandContext, CommandResult } from './command-context.ts';
import { EXIT } from './exit-code.ts';
import { parseInstant } from './instant-option.ts';
import { RestClient } from './rest-client.ts';
import { columns, paint } from './terminal.ts';

export interface ValuesOptions {
  readonly from?: string;
  readonly to?: string;
  /** Dimension and value. */
  readonly where?: readonly (readonly [string, string])[];
  readonly json?: boolean;
}

/** `freshet values`: the newest known value of each window, and how fresh they are (CL3). */
export async function valuesCommand(
  metric: string,
  options: ValuesOptions,
  context: CommandContext,
): CommandResult {
  const query = new URLSearchParams();
  if (options.from !== undefined)
    query.set('from', String(parseInstant(options.from, context.clock)));
  if (options.to !== undefined) query.set('to', String(parseInstant(options.to, context.clock)));
  for (const [dim, value] of options.where ?? []) query.append(`where.${dim}`, value);
  const client = RestClient.find(context.config());
  const path = `api/v1/metrics/${encodeURIComponent(metric)}`;
  const reply = await client.get(`${path}/values?${query}`, valuesReplySchema);
  const { terminal } = context;
  if (options.json === true) {
    terminal.out(`${JSON.stringify(reply, null, 2)}\n`);
    return EXIT.done;
  }
  const style = { locale: 'en', zone: context.zone };
  // Only the measure tells whether a percentage is kept as a fraction, and only then is it asked for.
  const isPercent = reply.unit === 'percent';
  const face = isPercent ? (await client.get(`${path}/freshness`, whySchema)).face : null;
  const [head, ...lines] = table(reply, face, style, context.clock.now());
  terminal.out(`${paint(terminal, 'dim', head ?? '')}\n`);
  for (const line of lines) terminal.out(`${line}\n`);
  if (reply.values.length === 0) terminal.out('No values in this span.\n');
  if (reply.truncated)
    terminal.out('There are more: narrow the span with --from and --to, or use --where.\n');
  terminal.out(`\n${stateLine(reply, style)}\n`);
  return EXIT.done;
}

function table(
  reply: ValuesReply,
  percentFace: MetricFace | null,
  style: TimeStyle,
  now: number,
): string[] {
  const dims = [...new Set(reply.values.flatMap((value) => Object.keys(value.dims)))].sort();
  const rows = reply.values.map((value) => [
    spanText(value.window, style, now),
    ...dims.map((dim) => String(value.dims[dim] ?? '')),
    valueText(value.value, reply.unit, percentFace),
    [
      value.partial ? 'partial' : '',
      value.late > 0 ? `${value.late} came too late, not counted` : '',
      value.reason ?? '',
    ]
      .filter(Boolean)
      .join('; '),
  ]);
  const header = ['window', ...dims, 'value', ''];
  return columns([header, ...rows], [dims.length + 1]);
}

/** The exact digits with their unit; a share in percent is kept as a fraction and printed times hundred. */
function valueText(
  value: MetricNumber,
  unit: string | null,
  percentFace: MetricFace | null,
): string {
  if (value === null) return '–';
  if (percentFace !== null) return numberLine(value, percentFace, 'en');
  return `${value}${unit === null ? '' : ` ${unit}`}`;
}

/** `Live · age 0.4 / 30 s · data as of 14:03:12 · nothing unread`, with the reason where there is something to explain. */
function stateLine(reply: ValuesReply, style: TimeStyle): string {
  const { facts, clusterNow } = reply;
  const { state, ageMs, asOf, reason } = stateAt(facts, clusterNow, 0, { kind: 'connected' });
  const word = `${state[0]?.toUpperCase() ?? ''}${state.slice(1)}`;
  const lag = facts.lagRecords;
  const parts = [
    word,
    ageMs === null ? 'age unknown' : `age ${ageOverTarget(ageMs, facts.targetMs)}`,
    asOf === null ? null : `data as of ${clockText(asOf, style, clusterNow)}`,
    lag === null ? 'lag unknown' : lag === 0 ? 'nothing unread' : `${lag} records unread`,
    state === 'live' ? null : sentenceText(reason.sentence, style, clusterNow),
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
