/** Error codes of the Kafka protocol that decide something here (Kafka protocol guide, error codes). */
export const KAFKA_ERROR = {
  none: 0,
  unknownServerError: -1,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeaderOrFollower: 6,
  requestTimedOut: 7,
  replicaNotAvailable: 9,
  messageTooLarge: 10,
  networkException: 13,
  coordinatorLoadInProgress: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  topicAuthorizationFailed: 29,
  clusterAuthorizationFailed: 31,
  topicAlreadyExists: 36,
  invalidPartitions: 37,
  notController: 41,
  outOfOrderSequence: 45,
  invalidProducerEpoch: 47,
  invalidProducerIdMapping: 49,
  transactionalIdAuthorizationFailed: 53,
  storageError: 56,
  unknownProducerId: 59,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  offsetNotAvailable: 78,
  producerFenced: 90,
} as const;

const NAMES = new Map<number, string>(
  Object.entries(KAFKA_ERROR).map(([name, code]) => [code, name]),
);

/** A name for logs and sentences: `notLeaderOrFollower (6)`. */
export const errorName = (code: number): string => `${NAMES.get(code) ?? 'Kafka error'} (${code})`;

const AUTHORIZATION: ReadonlySet<number> = new Set([
  KAFKA_ERROR.topicAuthorizationFailed,
  KAFKA_ERROR.clusterAuthorizationFailed,
  KAFKA_ERROR.transactionalIdAuthorizationFailed,
]);

export const isAuthorizationError = (code: number): boolean => AUTHORIZATION.has(code);
