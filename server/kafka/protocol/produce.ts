import { API, type ProtocolCall } from './call.ts';
import { WireReader, WireWriter } from './wire.ts';

const ALL_REPLICAS = -1;

export interface ProduceBatch {
  readonly topic: string;
  readonly partition: number;
  /** One encoded record batch. */
  readonly batch: Uint8Array;
}

export interface ProducedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly error: number;
  readonly baseOffset: number;
  /** -1 on topics with the producer's timestamps. */
  readonly logAppendTime: number;
  readonly message: string | null;
}

export interface ProduceAnswer {
  readonly throttleMs: number;
  readonly batches: readonly ProducedBatch[];
}

/** Produce version 8 with acks=all, one batch per partition. @param timeoutMs how long the leader waits for its followers */
export function produceCall(
  batches: readonly ProduceBatch[],
  timeoutMs: number,
): ProtocolCall<ProduceAnswer> {
  const topics = Map.groupBy(batches, ({ topic }) => topic);
  const body = new WireWriter()
    .string(null) // no transaction
    .int16(ALL_REPLICAS)
    .int32(timeoutMs)
    .array([...topics], (writer, [topic, list]) => {
      writer.string(topic).array(list, (partitions, { partition, batch }) => {
        partitions.int32(partition).bytes(batch);
      });
    })
    .finish();
  return {
    apiKey: API.produce,
    apiVersion: 8,
    apiName: 'Produce',
    body,
    decode: (answer) => {
      const r = new WireReader(answer);
      const produced = r.array(() => {
        const topic = r.string() ?? '';
        return r.array(() => {
          const partition = r.int32();
          const error = r.int16();
          const baseOffset = r.int64();
          const logAppendTime = r.int64();
          r.int64(); // log start
          r.array(() => (r.int32(), r.string())); // errors of single records
          const message = r.string();
          return { topic, partition, error, baseOffset, logAppendTime, message };
        });
      });
      return { throttleMs: r.int32(), batches: produced.flat() };
    },
  };
}
