import { KAFKA_ERROR as K } from './protocol/error-codes.ts';

/** What an answer of a produce request means for the batch. */
export type ProduceVerdict =
  | 'appended'
  /** Not appended; the same bytes may be sent again, perhaps to another leader. */
  | 'again'
  /** May be appended; only the same bytes may be sent again. */
  | 'unsure'
  /** The producer's id, epoch or sequence is not what the broker expects. */
  | 'identity'
  /** Never to be appended. */
  | 'refused';

const AGAIN: ReadonlySet<number> = new Set([
  K.unknownTopicOrPartition, // a broker that is behind; metadata decides whether it is missing
  K.leaderNotAvailable,
  K.notLeaderOrFollower,
  K.replicaNotAvailable,
  K.coordinatorLoadInProgress,
  K.coordinatorNotAvailable,
  K.notEnoughReplicas,
  K.storageError,
  K.fencedLeaderEpoch,
  K.unknownLeaderEpoch,
]);
const UNSURE: ReadonlySet<number> = new Set([
  K.unknownServerError,
  K.requestTimedOut,
  K.networkException,
  K.notEnoughReplicasAfterAppend,
]);
const IDENTITY: ReadonlySet<number> = new Set([
  K.outOfOrderSequence,
  K.invalidProducerEpoch,
  K.invalidProducerIdMapping,
  K.unknownProducerId,
  K.producerFenced,
]);

export function judgeProduce(error: number): ProduceVerdict {
  if (error === K.none) return 'appended';
  if (AGAIN.has(error)) return 'again';
  if (UNSURE.has(error)) return 'unsure';
  return IDENTITY.has(error) ? 'identity' : 'refused';
}
