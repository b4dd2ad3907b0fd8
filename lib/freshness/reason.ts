import type { FreshnessFacts } from './facts.ts';
import { count, instant, length, promise, sentence, type Sentence } from './sentence.ts';
import type { Connection, State } from './words.ts';

/** Every rule that can decide a state; the Why popover prints it as the rule that fired. */
export const REASON_CODES = [
  'connection-lost',
  'never-computed',
  'clock-unmeasured',
  'unanswered',
  'no-proof',
  'restoring',
  'catching-up',
  'compute-silent',
  'partition-stopped',
  'transaction-open',
  'records-waiting',
  'over-limit',
  'no-events-yet',
  'no-events-lately',
  'within-target',
  'no-target',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

export interface Reason {
  readonly code: ReasonCode;
  readonly sentence: Sentence;
}

/** Compute speaks at least once a second (SEMANTICS 4.2); three missed words are a silence. */
export const COMPUTE_SILENT_MS = 3_000;

interface Situation {
  readonly state: State;
  readonly facts: FreshnessFacts | null;
  readonly nowCluster: number | null;
  readonly ageMs: number | null;
  readonly connection: Connection;
}

const reason = (code: ReasonCode, text: Sentence): Reason => ({ code, sentence: text });

/** Why a number that should move does not: who is silent, what stopped, what waits (ST7). Null when none of these holds. */
function hindrance(facts: FreshnessFacts, now: number): Reason | null {
  if (facts.heardAt !== null && now - facts.heardAt > COMPUTE_SILENT_MS)
    return reason(
      'compute-silent',
      sentence`compute silent since ${instant(facts.heardAt)}; Kafka answers`,
    );
  if (facts.problem !== null)
    return reason('partition-stopped', sentence`${facts.problem.replace(/\.$/, '')}`);
  if (facts.lagRecords !== null && facts.lagRecords > 0)
    return reason(
      'records-waiting',
      facts.lagRecords === 1
        ? sentence`${count(1)} record is appended and not yet counted`
        : sentence`${count(facts.lagRecords)} records are appended and not yet counted`,
    );
  return null;
}

function unknownReason(facts: FreshnessFacts | null, now: number | null): Reason {
  if (facts === null || facts.phase === null)
    return reason('never-computed', sentence`nothing was ever computed for this metric`);
  if (now === null)
    return reason(
      'clock-unmeasured',
      sentence`the server has not measured the cluster's clock yet`,
    );
  if (facts.unanswered !== null)
    return reason(
      'unanswered',
      sentence`${facts.unanswered.who} has not answered since ${instant(facts.unanswered.since)}`,
    );
  return reason('no-proof', sentence`nothing proves yet how far the number reaches`);
}

function replayingReason(facts: FreshnessFacts, now: number): Reason {
  const { phase } = facts;
  const hindered = facts.heardAt !== null && now - facts.heardAt > COMPUTE_SILENT_MS;
  if (hindered) return hindrance(facts, now) ?? reason('restoring', sentence`compute is silent`);
  if (phase?.kind !== 'catching-up')
    return reason('restoring', sentence`reading back what was already published`);
  const left = sentence`catching up: ${count(phase.remaining)} of ${count(phase.total)} records left`;
  return reason(
    'catching-up',
    phase.estimateMs === null
      ? left
      : [...left, ...sentence`, about ${length(phase.estimateMs)} (estimate)`],
  );
}

function quietReason(facts: FreshnessFacts, ageMs: number): Reason {
  if (facts.appliedAt === null)
    return reason('no-events-yet', sentence`no event yet, and Kafka answered ${length(ageMs)} ago`);
  return reason(
    'no-events-lately',
    sentence`no event since ${instant(facts.appliedAt)}, and Kafka answered ${length(ageMs)} ago`,
  );
}

/** The rule that decided the state, and a sentence for people that says why. */
export function reasonOf(situation: Situation): Reason {
  const { state, facts, nowCluster, ageMs, connection } = situation;
  if (connection.kind === 'lost')
    return reason(
      'connection-lost',
      sentence`no word from the server for ${length(connection.sinceMs)}`,
    );
  if (state === 'unknown' || facts === null || nowCluster === null)
    return unknownReason(facts, nowCluster);
  if (state === 'replaying') return replayingReason(facts, nowCluster);
  if (state === 'blocked' && facts.blocked !== null) {
    const { topic, partition, since } = facts.blocked;
    return reason(
      'transaction-open',
      sentence`a transaction is open since ${instant(since)} on ${topic} partition ${String(partition)}`,
    );
  }
  const age = ageMs ?? 0;
  if (state === 'late' || state === 'stale') {
    const blocked = facts.blocked;
    if (blocked !== null)
      return reason(
        'transaction-open',
        sentence`a transaction is open since ${instant(blocked.since)}`,
      );
    return (
      hindrance(facts, nowCluster) ??
      reason('over-limit', sentence`${length(age)} old, promised ${promise(facts.targetMs ?? 0)}`)
    );
  }
  if (state === 'quiet') return quietReason(facts, age);
  if (facts.targetMs === null) {
    const hindered = hindrance(facts, nowCluster);
    const silent = hindered?.code === 'compute-silent' || hindered?.code === 'partition-stopped';
    return silent
      ? hindered
      : reason('no-target', sentence`${length(age)} old; no target is promised`);
  }
  return reason('within-target', sentence`${length(age)} old, promised ${promise(facts.targetMs)}`);
}
