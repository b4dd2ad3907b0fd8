import type { FreshnessFacts } from './facts.ts';
import { reasonOf, type Reason } from './reason.ts';
import type { Connection, State } from './words.ts';
import { epochMs, type EpochMs } from '#lib/time/instant.ts';

/** An unanswered question makes a metric Unknown after this long (SEMANTICS 4.7). */
export const UNANSWERED_MS = 5_000;
/** An open transaction makes a metric Blocked after this long, or past a shorter target (SEMANTICS 4.7). */
export const BLOCKED_MS = 5_000;
/** Stop-trusting where an objective does not name it: this many targets (SEMANTICS 4.7). */
export const STOP_TRUSTING_TARGETS = 3;

export interface FreshnessState {
  readonly state: State;
  /** now − frontier with every error bound added, whole ms rounded up; null when nothing proves a frontier. */
  readonly ageMs: number | null;
  /** "Data as of": the frontier, rounded down, cluster clock; null like `ageMs`. */
  readonly asOf: EpochMs | null;
  /** Older than stop-trusting: dimmed and struck whatever the word. */
  readonly distrust: boolean;
  readonly reason: Reason;
}

/** The limit past which a number is struck, ms; null without an objective. */
export const stopTrustingOf = (
  facts: Pick<FreshnessFacts, 'targetMs' | 'stopTrustingMs'>,
): number | null =>
  facts.targetMs === null ? null : (facts.stopTrustingMs ?? facts.targetMs * STOP_TRUSTING_TARGETS);

/** now − frontier, never below the truth: both bounds added, rounded up, never negative (ST2, SEMANTICS 4.4). */
function ageOf(facts: FreshnessFacts, now: number, viewerErrorMs: number): number | null {
  if (facts.frontier === null) return null;
  return Math.max(0, Math.ceil(now - facts.frontier + facts.clockErrorMs + viewerErrorMs));
}

function wordOf(
  facts: FreshnessFacts,
  now: number,
  ageMs: number | null,
): Exclude<State, 'disconnected'> {
  const { phase, unanswered, blocked, targetMs } = facts;
  if (unanswered !== null && now - unanswered.since >= UNANSWERED_MS) return 'unknown';
  if (phase === null) return 'unknown';
  if (ageMs === null && phase.kind === 'running') return 'unknown';
  if (phase.kind !== 'running' || ageMs === null) return 'replaying';
  const stopTrusting = stopTrustingOf(facts);
  if (stopTrusting !== null && ageMs > stopTrusting) return 'stale';
  const blockedLimit = Math.min(BLOCKED_MS, targetMs ?? BLOCKED_MS);
  if (blocked !== null && now - blocked.since > blockedLimit) return 'blocked';
  if (targetMs !== null && ageMs > targetMs) return 'late';
  const quiet = facts.appliedAt === null || now - facts.appliedAt >= facts.quietAfterMs;
  return quiet ? 'quiet' : 'live';
}

/**
 * The state of a metric at an instant, for server, browser and tests alike (SEMANTICS 4.7, ST1). `nowCluster` is the cluster's
 * clock as the viewer knows it to ± `viewerErrorMs`; null while it is not measured, and then nothing is proven.
 * `facts` is null when the metric was never heard of.
 */
export function stateAt(
  facts: FreshnessFacts | null,
  nowCluster: number | null,
  viewerErrorMs: number,
  connection: Connection,
): FreshnessState {
  const ageMs =
    facts === null || nowCluster === null ? null : ageOf(facts, nowCluster, viewerErrorMs);
  const stopTrusting = facts === null ? null : stopTrustingOf(facts);
  const asOf = facts?.frontier === null || facts === null ? null : epochMs(facts.frontier);
  const state = ((): State => {
    if (connection.kind === 'lost') return 'disconnected';
    if (facts === null || nowCluster === null) return 'unknown';
    return wordOf(facts, nowCluster, ageMs);
  })();
  return {
    state,
    ageMs,
    asOf,
    distrust: ageMs !== null && stopTrusting !== null && ageMs > stopTrusting,
    reason: reasonOf({ state, facts, nowCluster, ageMs, connection }),
  };
}
