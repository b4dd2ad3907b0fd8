import type { ReasonCode } from '#lib/freshness/reason.ts';

/** For each rule: what it says, and what to do about it. A full record on purpose: a new rule forces a decision here. */
export const WHY_ADVICE: Readonly<
  Record<ReasonCode, { readonly rule: string; readonly advice: string }>
> = {
  'connection-lost': {
    rule: 'Disconnected: this screen has heard nothing from its server for 3 s.',
    advice:
      'It keeps trying. If it lasts, check the network here and that the Freshet server runs.',
  },
  'never-computed': {
    rule: 'Unknown: no computer was ever heard of this version of the metric.',
    advice: 'Check that the compute role runs and can read the metric’s topics.',
  },
  'clock-unmeasured': {
    rule: 'Unknown: without the cluster’s clock no age can be proven.',
    advice:
      'The server measures it as soon as Kafka takes its heartbeat. Check that the cluster can be written to.',
  },
  unanswered: {
    rule: 'Unknown: a question has had no answer for 5 s.',
    advice:
      'Check that the broker runs and can be reached from the server. Nothing is lost: reading goes on when it answers.',
  },
  'no-proof': {
    rule: 'Unknown: nothing proves yet how far the number reaches.',
    advice: 'The first complete cut brings the proof. If it lasts, look at the partitions below.',
  },
  restoring: {
    rule: 'Replaying: compute is reading back what it had already published.',
    advice: 'Nothing to do: it takes seconds, and no number steps back meanwhile.',
  },
  'catching-up': {
    rule: 'Replaying: compute is working through a backlog.',
    advice:
      'Nothing to do but wait. If the rest does not shrink, more arrives than one computer reads.',
  },
  'compute-silent': {
    rule: 'Compute has not been heard for 3 s while Kafka answers; the age grows by itself.',
    advice: 'Check that the compute process runs. It goes on where it stopped.',
  },
  'partition-stopped': {
    rule: 'A partition stopped; everything after its last good record is missing.',
    advice: 'Read the sentence beside the partition below. The other partitions go on.',
  },
  'transaction-open': {
    rule: 'Blocked: an open transaction holds records back for more than 5 s, or past the target.',
    advice:
      'The producer that opened it has to commit or abort; the broker aborts it after its timeout.',
  },
  'records-waiting': {
    rule: 'Appended records wait to be counted, and the oldest is older than promised.',
    advice:
      'Compare what arrives with what is read per second below. If it does not catch up, compute needs room.',
  },
  'over-limit': {
    rule: 'The age is over what is promised.',
    advice: 'See which hop took the time below, and who owns it.',
  },
  'no-events-yet': {
    rule: 'Quiet: within the target, and no event was ever counted.',
    advice:
      'If you expect events, check that the producer runs and that the metric’s condition lets them in.',
  },
  'no-events-lately': {
    rule: 'Quiet: within the target, and no event was counted lately. The number is true.',
    advice: 'Nothing to do, unless you expect events: then check their producer.',
  },
  'within-target': {
    rule: 'Live: the age is within what is promised.',
    advice: 'Nothing to do.',
  },
  'no-target': {
    rule: 'No objective promises an age for this metric, so it is never Late or Stale.',
    advice: 'To promise one, apply an Objective for it.',
  },
};
