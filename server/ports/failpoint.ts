/** Places where a test may have the process killed, to force a crash exactly there (SPEC CP rules). */
export const FAILPOINTS = [
  /** Values are acknowledged by Kafka, the checkpoint does not know it yet. */
  'compute/acknowledged',
  /** Inside the checkpoint's transaction, some rows written, not committed. */
  'store/committing',
  /** State is loaded, the metric topic is being read up to its end. */
  'compute/restoring',
] as const;
export type FailpointName = (typeof FAILPOINTS)[number];

/** Called each time a place is passed; does nothing unless the process was started to die there. */
export type Failpoint = (name: FailpointName) => void;
