/** Bytes before a batch's length counts: base offset and the length itself. */
export const LOG_OVERHEAD = 12;
/** Where the records of a magic-2 batch begin. */
export const RECORDS_AT = 61;
/** Where the checked part of a magic-2 batch begins: the attributes. */
export const CHECKED_AT = 21;
/** Where the magic byte is, in every format. */
export const MAGIC_AT = 16;

/** Compression codecs by the number in a batch's attributes (Kafka protocol guide, record batch). */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

/** The header of a record batch, magic 2, as it is on disk and on the wire (Kafka protocol guide, record batch). */
export interface BatchHeader {
  readonly baseOffset: number;
  /** Offset of the last record, inclusive; kept by compaction also when that record is gone. */
  readonly lastOffset: number;
  /** Bytes of the whole batch with its header. */
  readonly size: number;
  readonly leaderEpoch: number;
  readonly crc: number;
  /** Null for a number no Kafka knows. */
  readonly codec: Codec | null;
  readonly timestampType: 'create' | 'append';
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  /** Epoch ms, of the clock `timestampType` names; -1 where there is none. */
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** -1 for producers without one. 64 bits: a number loses none below 2^53, and brokers count from 0. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly count: number;
}

/** Reads the header at `at`; the caller has made sure that `RECORDS_AT` bytes and magic 2 are there. */
export function readBatchHeader(view: DataView, at: number): BatchHeader {
  const baseOffset = int64(view, at);
  const attributes = view.getInt16(at + 21);
  return {
    baseOffset,
    lastOffset: baseOffset + view.getInt32(at + 23),
    size: view.getInt32(at + 8) + LOG_OVERHEAD,
    leaderEpoch: view.getInt32(at + 12),
    crc: view.getUint32(at + 17),
    codec: CODECS[attributes & 7] ?? null,
    timestampType: attributes & 8 ? 'append' : 'create',
    isTransactional: (attributes & 16) !== 0,
    isControl: (attributes & 32) !== 0,
    baseTimestamp: int64(view, at + 27),
    maxTimestamp: int64(view, at + 35),
    producerId: int64(view, at + 43),
    producerEpoch: view.getInt16(at + 51),
    baseSequence: view.getInt32(at + 53),
    count: view.getInt32(at + 57),
  };
}

/** A signed 64-bit number; exact up to 2^53, which offsets and milliseconds do not reach. */
export const int64 = (view: DataView, at: number): number =>
  view.getInt32(at) * 4_294_967_296 + view.getUint32(at + 4);
