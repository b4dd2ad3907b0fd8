import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import type { ReasonCode } from '#lib/freshness/reason.ts';
import { stateAt, stopTrustingOf } from '#lib/freshness/state.ts';
import type { Connection, State } from '#lib/freshness/words.ts';
import { ageOverTarget, ageText } from './age-text.ts';
import { countText } from './number-format.ts';
import { sentenceText } from './sentence-text.ts';
import { absoluteText, clockText, type TimeStyle } from './time-format.ts';

/** The words of the states as people read them (SEMANTICS 4.7). */
export const STATE_WORDS: Readonly<Record<State, string>> = {
  live: 'Live',
  quiet: 'Quiet',
  late: 'Late',
  stale: 'Stale',
  blocked: 'Blocked',
  unknown: 'Unknown',
  replaying: 'Replaying',
  disconnected: 'Disconnected',
};

/** Now, as the viewer knows it, and how they read times and numbers. */
export interface Viewing {
  /** Cluster clock, epoch ms; null while it is not measured. */
  readonly now: number | null;
  readonly errorMs: number;
  readonly connection: Connection;
  readonly style: TimeStyle;
}

/** What the head and foot of every panel say. Texts are finished; `…Ms`, `…At` and codes are for machines. */
export interface PanelHead {
  readonly state: State;
  readonly word: string;
  readonly ageMs: number | null;
  /** Beside the word: age / target, or the age alone where a target says nothing. */
  readonly age: string;
  /** The widest texts `age` may become, so that the badge can reserve the room. */
  readonly widest: readonly (readonly [string, string])[];
  readonly targetMs: number | null;
  readonly stopTrustingMs: number | null;
  readonly distrust: boolean;
  readonly asOf: number | null;
  /** "as of 14:03:12", empty when nothing is proven. */
  readonly asOfText: string;
  readonly asOfTitle: string;
  /** "lag 12 records". */
  readonly lagText: string;
  readonly code: ReasonCode;
  readonly reason: string;
}

const WITHOUT_TARGET: readonly State[] = ['unknown', 'replaying', 'disconnected'];
/** Prints as wide as any age does. */
const WIDE_AGE_MS = 10 * 60_000 - 1;

/** Past stop-trusting the word is Stale, so the longer words have the shorter ages. */
function widestOf(targetMs: number | null, stopTrustingMs: number | null): PanelHead['widest'] {
  const young = Math.min(stopTrustingMs ?? WIDE_AGE_MS, WIDE_AGE_MS);
  return [
    [STATE_WORDS.stale, ageOverTarget(WIDE_AGE_MS, targetMs)],
    [STATE_WORDS.blocked, ageOverTarget(young, targetMs)],
    [STATE_WORDS.disconnected, ageText(WIDE_AGE_MS)],
  ];
}

function lagOf(facts: FreshnessFacts | null, locale: string): string {
  if (facts?.lagRecords === null || facts === null) return 'lag unknown';
  return `lag ${countText(facts.lagRecords, locale)}`;
}

/** State, age, "as of" and lag of a panel at an instant, in the viewer's zone and language. */
export function panelHead(facts: FreshnessFacts | null, viewing: Viewing): PanelHead {
  const { now, style } = viewing;
  const is = stateAt(facts, now, viewing.errorMs, viewing.connection);
  const targetMs = facts?.targetMs ?? null;
  const alone = is.ageMs === null ? '' : ageText(is.ageMs);
  return {
    state: is.state,
    word: STATE_WORDS[is.state],
    ageMs: is.ageMs,
    age: WITHOUT_TARGET.includes(is.state) ? alone : ageOverTarget(is.ageMs, targetMs),
    widest: widestOf(targetMs, facts === null ? null : stopTrustingOf(facts)),
    targetMs,
    stopTrustingMs: facts === null ? null : stopTrustingOf(facts),
    distrust: is.distrust,
    asOf: is.asOf,
    asOfText: is.asOf === null ? '' : `as of ${clockText(is.asOf, style, now)}`,
    asOfTitle:
      is.asOf === null
        ? ''
        : `Everything appended to Kafka before ${absoluteText(is.asOf, style)} is in the number.`,
    lagText: lagOf(facts, style.locale),
    code: is.reason.code,
    reason: sentenceText(is.reason.sentence, style, now),
  };
}
