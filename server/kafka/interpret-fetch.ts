import type { PartitionAnswer } from '#server/ports/log-reader.ts';
import type { KafkaNode } from './kafka-node.ts';
import type { ReadPartition } from './partition-table.ts';
import { KAFKA_ERROR } from './protocol/error-codes.ts';
import type { FetchedPartition } from './protocol/fetch.ts';
import { listOffsetsCall, OFFSET_AT } from './protocol/list-offsets.ts';
import { readRecordSet } from './record-set.ts';

/** What a fetch answered of one partition, ready to be handed out. */
export interface Reading {
  readonly partition: ReadPartition;
  readonly answer: PartitionAnswer;
  readonly wantBytes: number;
}

export interface Interpreted {
  readonly read: readonly Reading[];
  /** Not answered: the error decides nothing for good, the partition is asked again. */
  readonly failed: readonly { readonly partition: ReadPartition; readonly error: number }[];
}

const OFFSETS_TIMEOUT_MS = 3_000;

/** Turns the partitions of one fetch answer into answers of the port. `node` is asked for the log's ends where an offset was out of range. */
export async function interpretFetch(
  fetched: readonly FetchedPartition[],
  asked: readonly ReadPartition[],
  node: KafkaNode,
): Promise<Interpreted> {
  const read: Reading[] = [];
  const failed: { partition: ReadPartition; error: number }[] = [];
  for (const f of fetched) {
    const partition = asked.find((p) => p.topic === f.topic && p.partition === f.partition);
    if (partition === undefined) continue; // never asked: not ours to judge
    const reading =
      f.error === KAFKA_ERROR.none
        ? await readPartition(f, partition)
        : f.error === KAFKA_ERROR.offsetOutOfRange
          ? await outOfRange(partition, node)
          : null;
    if (reading === null) failed.push({ partition, error: f.error });
    else read.push(reading);
  }
  return { read, failed };
}

async function readPartition(f: FetchedPartition, partition: ReadPartition): Promise<Reading> {
  const { topic, next: asked } = partition;
  const set = await readRecordSet(f.records, asked, f.aborted);
  const { corrupt, batches, next, wantBytes } = set;
  const where =
    corrupt === null ? '' : `The batch at offset ${corrupt.offset} of ${topic}-${f.partition}`;
  return {
    partition,
    wantBytes,
    answer: {
      topic,
      partition: f.partition,
      asked,
      next,
      end: f.highWatermark,
      stable: f.lastStable,
      start: f.logStart,
      batches,
      problem:
        corrupt === null
          ? null
          : {
              kind: 'corrupt',
              offset: corrupt.offset,
              message: `${where} cannot be read: ${corrupt.message}.`,
            },
    },
  };
}

/** The error itself hides where the log lies. Null when the offset is in range by now: it is simply asked again. */
async function outOfRange(partition: ReadPartition, node: KafkaNode): Promise<Reading | null> {
  const { topic, next: asked } = partition;
  const offsetAt = async (at: (typeof OFFSET_AT)[keyof typeof OFFSET_AT]) => {
    const call = listOffsetsCall(topic, [partition.partition], at);
    const { answer } = await node.call(call, OFFSETS_TIMEOUT_MS);
    const [listed] = answer;
    return listed?.error === KAFKA_ERROR.none ? listed.offset : null;
  };
  const [start, end] = [await offsetAt(OFFSET_AT.start), await offsetAt(OFFSET_AT.end)];
  if (start === null || end === null || (start <= asked && asked <= end)) return null;
  return {
    partition,
    wantBytes: 0,
    answer: {
      topic,
      partition: partition.partition,
      asked,
      next: asked,
      end: null,
      stable: null,
      start: null,
      batches: [],
      problem: { kind: 'out-of-range', start, end },
    },
  };
}
