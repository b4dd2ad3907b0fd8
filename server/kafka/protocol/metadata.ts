import { API, type ProtocolCall } from './call.ts';
import { WireReader, WireWriter } from './wire.ts';

export interface NodeAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export interface PartitionMetadata {
  readonly error: number;
  readonly partition: number;
  /** -1 while there is none. */
  readonly leader: number;
  readonly leaderEpoch: number;
}

export interface TopicMetadata {
  readonly error: number;
  readonly topic: string;
  /** 32 hex digits; null where the broker does not tell it (Metadata below version 10). */
  readonly id: string | null;
  readonly partitions: readonly PartitionMetadata[];
}

export interface ClusterMetadata {
  readonly nodes: readonly NodeAddress[];
  readonly controllerId: number;
  readonly topics: readonly TopicMetadata[];
}

/** First version with topic ids that we speak; brokers since Apache Kafka 2.8 know it. */
export const METADATA_WITH_IDS = 12;
/** First version with leader epochs; the fallback for brokers that stop below 12. */
const METADATA_WITH_EPOCHS = 7;

const NO_ID = '0'.repeat(32);

/**
 * Asks for named topics only: an empty list asks for the nodes alone. Errors come per topic. KafkaJS stops at version 6, which knows neither ids
 * nor epochs and throws on the first topic with an error.
 */
export function metadataCall(
  topics: readonly string[],
  maxVersion: number,
): ProtocolCall<ClusterMetadata> {
  return maxVersion >= METADATA_WITH_IDS ? withIds(topics) : withEpochs(topics);
}

function withIds(topics: readonly string[]): ProtocolCall<ClusterMetadata> {
  const body = new WireWriter()
    .int8(0)
    .compactArray(topics, (writer, topic) => {
      writer.raw(Buffer.alloc(16)).compactString(topic).uvarint(0);
    })
    .int8(0) // no automatic creation
    .int8(0) // no list of rights
    .uvarint(0)
    .finish();
  return {
    apiKey: API.metadata,
    apiVersion: METADATA_WITH_IDS,
    apiName: 'Metadata',
    body,
    decode: (answer) => {
      const r = new WireReader(answer);
      r.tags();
      r.int32(); // throttle: metadata is asked seldom
      const nodes = r.compactArray(() => {
        const node = { nodeId: r.int32(), host: r.compactString() ?? '', port: r.int32() };
        r.compactString(); // rack
        r.tags();
        return node;
      });
      r.compactString(); // cluster id
      const controllerId = r.int32();
      const found = r.compactArray(() => {
        const error = r.int16();
        const topic = r.compactString() ?? '';
        const id = r.raw(16).toString('hex');
        r.int8(); // internal
        const partitions = r.compactArray(() => {
          const partition = readPartition(r);
          for (let lists = 3; lists > 0; lists -= 1) r.compactArray(() => r.int32());
          r.tags();
          return partition;
        });
        r.int32(); // rights
        r.tags();
        return { error, topic, id: id === NO_ID ? null : id, partitions };
      });
      return { nodes, controllerId, topics: found };
    },
  };
}

function withEpochs(topics: readonly string[]): ProtocolCall<ClusterMetadata> {
  const body = new WireWriter()
    .array(topics, (writer, topic) => {
      writer.string(topic);
    })
    .int8(0) // no automatic creation
    .finish();
  return {
    apiKey: API.metadata,
    apiVersion: METADATA_WITH_EPOCHS,
    apiName: 'Metadata',
    body,
    decode: (answer) => {
      const r = new WireReader(answer);
      r.int32(); // throttle
      const nodes = r.array(() => {
        const node = { nodeId: r.int32(), host: r.string() ?? '', port: r.int32() };
        r.string(); // rack
        return node;
      });
      r.string(); // cluster id
      const controllerId = r.int32();
      const found = r.array(() => {
        const error = r.int16();
        const topic = r.string() ?? '';
        r.int8(); // internal
        const partitions = r.array(() => {
          const partition = readPartition(r);
          for (let lists = 3; lists > 0; lists -= 1) r.array(() => r.int32());
          return partition;
        });
        return { error, topic, id: null, partitions };
      });
      return { nodes, controllerId, topics: found };
    },
  };
}

const readPartition = (r: WireReader): PartitionMetadata => ({
  error: r.int16(),
  partition: r.int32(),
  leader: r.int32(),
  leaderEpoch: r.int32(),
});
