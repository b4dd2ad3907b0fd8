import { API, type ProtocolCall } from './call.ts';
import { WireReader, WireWriter } from './wire.ts';

/** Special timestamps of ListOffsets (Kafka protocol guide). */
export const OFFSET_AT = { end: -1, start: -2 } as const;
/** Read-uncommitted: the end is the high watermark, not the last stable offset. */
const READ_UNCOMMITTED = 0;

export interface ListedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly error: number;
  readonly offset: number;
}

/** ListOffsets version 2 for partitions led by one broker. */
export function listOffsetsCall(
  topic: string,
  partitions: readonly number[],
  at: (typeof OFFSET_AT)[keyof typeof OFFSET_AT],
): ProtocolCall<readonly ListedOffset[]> {
  const body = new WireWriter()
    .int32(-1) // not a replica
    .int8(READ_UNCOMMITTED)
    .array([topic], (topics, name) => {
      topics.string(name).array(partitions, (writer, partition) => {
        writer.int32(partition).int64(at);
      });
    })
    .finish();
  return {
    apiKey: API.listOffsets,
    apiVersion: 2,
    apiName: 'ListOffsets',
    body,
    decode: (answer) => {
      const r = new WireReader(answer);
      r.int32(); // throttle
      const topics = r.array(() => {
        const name = r.string() ?? '';
        return r.array(() => ({
          topic: name,
          partition: r.int32(),
          error: r.int16(),
          offset: (r.int64(), r.int64()), // before the offset: its timestamp
        }));
      });
      return topics.flat();
    },
  };
}
