import type { MetricFace } from '#lib/contracts/feed.ts';
import type { HopSummary, PartitionProgress } from '#lib/contracts/progress.ts';
import type { Why } from '#lib/contracts/rest.ts';
import type { ReasonCode } from '#lib/freshness/reason.ts';
import { ageText, hopText, promiseText } from './age-text.ts';
import { countText } from './number-format.ts';
import type { PanelHead, Viewing } from './panel-head.ts';
import { clockText } from './time-format.ts';
import { WHY_ADVICE } from './why-advice.ts';

/** One hop: how long it takes, and who has it. */
export interface HopRow {
  readonly name: string;
  readonly way: string;
  readonly colour: string;
  readonly p50: string;
  readonly p95: string;
  readonly measured: string;
  /** p50, ms; null when nothing was measured lately. */
  readonly ms: number | null;
}

/** The bar in shares of its width, 0 to 1. Ingest ends where the age begins. */
export interface HopBar {
  readonly zero: number;
  readonly promise: number | null;
  readonly promiseText: string;
  readonly parts: readonly {
    readonly name: string;
    readonly colour: string;
    readonly share: number;
  }[];
}

export interface PartitionRow {
  readonly name: string;
  readonly next: string;
  readonly end: string;
  readonly stable: string;
  readonly age: string;
  readonly how: string;
}

export interface WhyModel {
  readonly headline: string;
  readonly reason: string;
  readonly rule: string;
  readonly code: ReasonCode;
  readonly advice: string;
  readonly clock: string;
  readonly hops: readonly HopRow[];
  readonly bar: HopBar | null;
  readonly partitions: readonly PartitionRow[];
  readonly counts: readonly { readonly name: string; readonly count: string }[];
  readonly owner: string;
  readonly runbook: string | null;
}

export interface WhyInput {
  readonly title: string;
  readonly face: MetricFace;
  readonly head: PanelHead;
  readonly viewing: Viewing;
  /** Null while it is asked for. */
  readonly why: Why | null;
  readonly deliver: HopSummary | null;
  readonly paint: HopSummary | null;
}

/** Parts of the bar under this share are only in the table: less than a pixel of some 420. */
const PIXEL_SHARE = 1 / 420;
/** The bar reaches past the promise by this factor, so that the mark does not stand on the edge. */
const PROMISE_ROOM = 1.1;
/** Waits that the metric's own owner can end. */
const OWNERS_WAIT: readonly ReasonCode[] = ['compute-silent', 'records-waiting'];

function headlineOf({ title, head }: WhyInput): string {
  if (head.ageMs === null) return `${title}: nothing proves its age`;
  const promised =
    head.targetMs === null ? 'nothing is promised' : `promised ${promiseText(head.targetMs)}`;
  return `${title} is ${ageText(head.ageMs)} old, ${promised}`;
}

function hopRows({ why, face, deliver, paint }: WhyInput): readonly HopRow[] {
  const row = (
    name: string,
    way: string,
    colour: string,
    of: { readonly summary: HopSummary | null; readonly measured: string },
  ): HopRow => ({
    name,
    way,
    colour,
    p50: of.summary === null ? '–' : hopText(of.summary.p50),
    p95: of.summary === null ? '–' : hopText(of.summary.p95),
    measured: of.measured,
    ms: of.summary?.p50 ?? null,
  });
  const hops = why?.hops;
  return [
    row('Ingest', 'event → Kafka', 'var(--s4)', {
      summary: hops?.ingest ?? null,
      measured: 'before the age',
    }),
    row('Stream', 'Kafka → read', 'var(--s1)', {
      summary: hops?.stream ?? null,
      measured: 'platform',
    }),
    row('Compute', 'read → value', 'var(--s6)', {
      summary: hops?.compute ?? null,
      measured: face.owner,
    }),
    row('Deliver', 'value → this screen', 'var(--s3)', {
      summary: deliver,
      measured: 'platform',
    }),
    row('Paint', 'received → painted', 'var(--s5)', { summary: paint, measured: 'this screen' }),
  ];
}

/** Where the part of the age lies that no finished hop explains (SEMANTICS 4.6). */
const OPEN_WAIT: Partial<Record<ReasonCode, string>> = {
  'compute-silent': 'Waiting in compute',
  'records-waiting': 'Records waiting to be counted',
  'transaction-open': 'Waiting for the open transaction',
  unanswered: 'Waiting for Kafka’s answer',
  'partition-stopped': 'Waiting for the stopped partition',
  'connection-lost': 'Waiting for the server',
};

/** What the age holds beyond the finished hops: how long it waits, where, and who acts. Null without an age. */
function openWait(rows: readonly HopRow[], { head, face }: WhyInput): HopRow | null {
  if (head.ageMs === null) return null;
  const done = rows.slice(1).reduce((sum, row) => sum + Math.max(0, row.ms ?? 0), 0);
  const ms = Math.max(0, head.ageMs - done);
  return {
    name: OPEN_WAIT[head.code] ?? 'Until the next proof',
    way: 'now',
    colour: 'var(--hatch)',
    p50: ageText(ms),
    p95: '',
    measured: OWNERS_WAIT.includes(head.code) ? face.owner : 'platform',
    ms,
  };
}

/** The age to scale: finished hops from the zero line, then the open wait; ingest left of it (UI12). */
function hopBar(rows: readonly HopRow[], head: PanelHead): HopBar | null {
  if (head.ageMs === null) return null;
  const widths = rows.map((row) => ({ ...row, ms: Math.max(0, row.ms ?? 0) }));
  const before = widths[0]?.ms ?? 0;
  const sum = widths.slice(1).reduce((total, row) => total + row.ms, 0);
  const after = Math.max(sum, (head.targetMs ?? 0) * PROMISE_ROOM, 1);
  const all = before + after;
  return {
    zero: before / all,
    promise: head.targetMs === null ? null : (before + head.targetMs) / all,
    promiseText: head.targetMs === null ? '' : `promised ${promiseText(head.targetMs)}`,
    parts: widths.map(({ name, colour, ms }) => ({
      name,
      colour,
      share: ms / all < PIXEL_SHARE ? 0 : ms / all,
    })),
  };
}

/** Requests wait at the broker for new records; only one that is out for longer than that is missing its answer. */
const SLOW_ANSWER_MS = 1_000;

/** How we know what is said about a partition. */
function howOf(partition: PartitionProgress, now: number | null, viewing: Viewing): string {
  if (partition.problem !== null) return partition.problem;
  const { unansweredSince } = partition;
  if (unansweredSince !== null && now !== null && now - unansweredSince >= SLOW_ANSWER_MS)
    return `no answer since ${clockText(unansweredSince, viewing.style, now)}`;
  if (partition.blockedSince !== null)
    return `a transaction is open since ${clockText(partition.blockedSince, viewing.style, now)}`;
  if (partition.seenAt === null || now === null) return 'not asked yet';
  return `Kafka answered ${ageText(Math.max(0, now - partition.seenAt))} ago`;
}

function partitionRows({ why, viewing }: WhyInput): readonly PartitionRow[] {
  const { now, errorMs, style } = viewing;
  const offset = (value: number | null): string =>
    value === null ? '–' : countText(value, style.locale);
  return (why?.partitions ?? []).map((partition) => ({
    name: `${partition.topic}-${partition.partition}`,
    next: offset(partition.next),
    end: offset(partition.end),
    stable: offset(partition.stable),
    age:
      partition.frontier === null || now === null
        ? '–'
        : ageText(Math.max(0, now - partition.frontier + errorMs + (why?.facts.clockErrorMs ?? 0))),
    how: howOf(partition, now, viewing),
  }));
}

const COUNTS = ['in', 'filtered', 'late', 'invalid'] as const;
const COUNT_NAMES = {
  in: 'counted',
  filtered: 'filtered out',
  late: 'too late, not counted',
  invalid: 'invalid, kept aside',
} as const;
/** An error bound above this is a problem of its own (SEMANTICS 4.4). */
const CLOCK_PROBLEM_MS = 1_000;

function clockOf({ viewing, why }: WhyInput): string {
  const errorMs = viewing.errorMs + (why?.facts.clockErrorMs ?? 0);
  const text = `Clocks known to ± ${hopText(Math.ceil(errorMs))}, added to the age.`;
  return errorMs > CLOCK_PROBLEM_MS
    ? `${text} That is too much: check the network and the machines' clocks.`
    : text;
}

/** Rules whose sentence the headline already says. */
const SAID: readonly ReasonCode[] = ['within-target', 'over-limit', 'no-target'];

const sentenceCase = (text: string): string =>
  text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Everything behind the badge of a panel (UI12). */
export function whyModel(input: WhyInput): WhyModel {
  const { head, face, why, viewing } = input;
  const finished = hopRows(input);
  const wait = openWait(finished, input);
  const hops = wait === null ? finished : [...finished, wait];
  const { rule, advice } = WHY_ADVICE[head.code];
  const counts = why?.counts ?? null;
  return {
    headline: headlineOf(input),
    reason: SAID.includes(head.code) ? '' : sentenceCase(head.reason),
    rule,
    code: head.code,
    advice,
    clock: clockOf(input),
    hops,
    bar: hopBar(hops, head),
    partitions: partitionRows(input),
    counts:
      counts === null
        ? []
        : COUNTS.map((name) => ({
            name: COUNT_NAMES[name],
            count: countText(counts[name], viewing.style.locale),
          })),
    owner: face.owner,
    runbook: face.runbook,
  };
}
