import type { BatchHeader } from '#lib/log/batch-header.ts';

/**
 * One record batch of a Kafka log (magic 2), CRC checked, uncompressed, committed and not a control batch.
 * The bytes are the records section; offsets and timestamps are deltas against the base (Kafka protocol guide, record batch).
 */
export interface RecordBatch {
  readonly baseOffset: number;
  /** Offset of the last record, inclusive. */
  readonly lastOffset: number;
  /** Epoch ms; for `append` timestamps every record has `maxTimestamp`. */
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly timestampType: 'create' | 'append';
  /** CRC32C of the batch as stored: with `baseOffset` it is the anchor of SEMANTICS 1.1. */
  readonly crc: number;
  readonly count: number;
  readonly records: Uint8Array;
}

/** @param records the records section, unpacked */
export const recordBatchOf = (header: BatchHeader, records: Uint8Array): RecordBatch => ({
  baseOffset: header.baseOffset,
  lastOffset: header.lastOffset,
  baseTimestamp: header.baseTimestamp,
  maxTimestamp: header.maxTimestamp,
  timestampType: header.timestampType,
  crc: header.crc,
  count: header.count,
  records,
});
