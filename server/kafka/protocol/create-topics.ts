import type { TopicSpec } from '#server/ports/topic-catalog.ts';
import { API, type ProtocolCall } from './call.ts';
import { WireReader, WireWriter } from './wire.ts';

/** Replication factor that means the cluster's default (KIP-464: CreateTopics from version 4 on). */
const CLUSTER_DEFAULT = -1;

export interface CreatedTopic {
  readonly topic: string;
  readonly error: number;
  readonly message: string | null;
}

/** CreateTopics version 4. */
export function createTopicsCall(
  specs: readonly TopicSpec[],
  timeoutMs: number,
): ProtocolCall<readonly CreatedTopic[]> {
  const body = new WireWriter()
    .array(specs, (writer, spec) => {
      writer
        .string(spec.topic)
        .int32(spec.partitions)
        .int16(CLUSTER_DEFAULT)
        .int32(0) // no assignment by hand
        .array(Object.entries(spec.config), (settings, [name, value]) => {
          settings.string(name).string(value);
        });
    })
    .int32(timeoutMs)
    .int8(0) // not only a check
    .finish();
  return {
    apiKey: API.createTopics,
    apiVersion: 4,
    apiName: 'CreateTopics',
    body,
    decode: (answer) => {
      const r = new WireReader(answer);
      r.int32(); // throttle
      return r.array(() => ({ topic: r.string() ?? '', error: r.int16(), message: r.string() }));
    },
  };
}
