import type { AbortedTransaction } from '#lib/log/aborted-filter.ts';
import { API, type ProtocolCall } from './call.ts';
import { WireReader, WireWriter } from './wire.ts';

const READ_COMMITTED = 1;
/** Numbers of a fetch without a session (KIP-227): each request names all its partitions. */
const NO_SESSION = { id: 0, epoch: -1 };

export interface FetchPartition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** -1 where it is not known. */
  readonly leaderEpoch: number;
  readonly maxBytes: number;
}

export interface FetchRequest {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  /** In the order they are asked; those of one topic follow one another. */
  readonly partitions: readonly FetchPartition[];
}

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly error: number;
  readonly highWatermark: number;
  readonly lastStable: number;
  readonly logStart: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Record batches as they are in the log; the last may be cut off. A view of the answer. */
  readonly records: Buffer;
}

export interface FetchAnswer {
  readonly throttleMs: number;
  readonly error: number;
  readonly partitions: readonly FetchedPartition[];
}

/** Fetch version 11, read-committed: by topic name, spoken by every broker from Apache Kafka 2.3 on. Records stay bytes, errors stay per partition. */
export function fetchCall(request: FetchRequest): ProtocolCall<FetchAnswer> {
  const body = new WireWriter()
    .int32(-1) // not a replica
    .int32(request.maxWaitMs)
    .int32(1) // answer as soon as there is a byte
    .int32(request.maxBytes)
    .int8(READ_COMMITTED)
    .int32(NO_SESSION.id)
    .int32(NO_SESSION.epoch)
    .array(byTopic(request.partitions), (topics, [topic, partitions]) => {
      topics.string(topic).array(partitions, (writer, p) => {
        writer.int32(p.partition).int32(p.leaderEpoch).int64(p.offset).int64(-1).int32(p.maxBytes);
      });
    })
    .int32(0) // no forgotten topics
    .string('') // no rack: leaders only
    .finish();
  return { apiKey: API.fetch, apiVersion: 11, apiName: 'Fetch', body, decode };
}

function decode(answer: Buffer): FetchAnswer {
  const r = new WireReader(answer);
  const throttleMs = r.int32();
  const error = r.int16();
  r.int32(); // session id
  const topics = r.array(() => {
    const topic = r.string() ?? '';
    return r.array(() => ({
      topic,
      partition: r.int32(),
      error: r.int16(),
      highWatermark: r.int64(),
      lastStable: r.int64(),
      logStart: r.int64(),
      aborted: r.array(() => ({ producerId: r.int64(), firstOffset: r.int64() })),
      records: (r.int32(), r.bytes()), // before the records: the preferred replica, of which we ask none
    }));
  });
  return { throttleMs, error, partitions: topics.flat() };
}

function byTopic(
  partitions: readonly FetchPartition[],
): readonly (readonly [string, FetchPartition[]])[] {
  const topics = new Map<string, FetchPartition[]>();
  for (const partition of partitions) {
    const listed = topics.get(partition.topic);
    if (listed === undefined) topics.set(partition.topic, [partition]);
    else listed.push(partition);
  }
  return [...topics];
}
