import { crc32c } from '#lib/log/crc32c.ts';
import { CHECKED_AT, LOG_OVERHEAD, RECORDS_AT } from '#lib/log/batch-header.ts';

export interface RecordToEncode {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Epoch ms. */
  readonly timestamp: number;
  /** Offset within the batch; its place in the list when absent. */
  readonly offsetDelta?: number;
  readonly headers?: readonly { readonly key: string; readonly value: Uint8Array | null }[];
}

export interface BatchToEncode {
  /** 0 for producing: the broker assigns it. */
  readonly baseOffset: number;
  readonly records: readonly RecordToEncode[];
  /** Greater than the last record's where compaction removed that; the last record's when absent. */
  readonly lastOffset?: number;
  readonly timestampType?: 'create' | 'append';
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly leaderEpoch?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
}

/** An uncompressed record batch, magic 2, with its CRC (Kafka protocol guide, record batch). At least one record. */
export function encodeBatch(batch: BatchToEncode): Uint8Array<ArrayBuffer> {
  const [first] = batch.records;
  if (first === undefined) throw new RangeError('a batch has at least one record');
  const baseTimestamp = first.timestamp;
  const out = new BatchWriter(RECORDS_AT + estimate(batch.records));
  out.at = RECORDS_AT;
  let maxTimestamp = baseTimestamp;
  let lastDelta = 0;
  for (const [place, record] of batch.records.entries()) {
    const delta = record.offsetDelta ?? place;
    if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp;
    if (delta > lastDelta) lastDelta = delta;
    out.record(record, record.timestamp - baseTimestamp, delta);
  }
  const bytes = out.bytes.subarray(0, out.at);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes =
    (batch.timestampType === 'append' ? 8 : 0) |
    (batch.isTransactional === true ? 16 : 0) |
    (batch.isControl === true ? 32 : 0);
  view.setBigInt64(0, BigInt(batch.baseOffset));
  view.setInt32(8, bytes.length - LOG_OVERHEAD);
  view.setInt32(12, batch.leaderEpoch ?? -1);
  view.setInt8(16, 2);
  view.setInt16(21, attributes);
  view.setInt32(
    23,
    batch.lastOffset === undefined ? lastDelta : batch.lastOffset - batch.baseOffset,
  );
  view.setBigInt64(27, BigInt(baseTimestamp));
  view.setBigInt64(35, BigInt(maxTimestamp));
  view.setBigInt64(43, BigInt(batch.producerId ?? -1));
  view.setInt16(51, batch.producerEpoch ?? -1);
  view.setInt32(53, batch.baseSequence ?? -1);
  view.setInt32(57, batch.records.length);
  view.setUint32(17, crc32c(bytes, CHECKED_AT));
  return bytes;
}

/** Bytes that are enough: three varints, two longs and the contents of each record. */
function estimate(records: readonly RecordToEncode[]): number {
  let bytes = 0;
  for (const { key, value, headers = [] } of records) {
    bytes += 40 + (key?.length ?? 0) + (value?.length ?? 0);
    for (const header of headers) bytes += 10 + header.key.length * 3 + (header.value?.length ?? 0);
  }
  return bytes;
}

const TEXT = new TextEncoder();

class BatchWriter {
  bytes: Uint8Array<ArrayBuffer>;
  at = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  /** A record begins with its own length, so its body is sized first. */
  record(record: RecordToEncode, timestampDelta: number, offsetDelta: number): void {
    const headers = (record.headers ?? []).map(({ key, value }) => ({
      key: TEXT.encode(key),
      value,
    }));
    let size = 1 + sizeOfVarint(timestampDelta) + sizeOfVarint(offsetDelta);
    size += sizeOfBytes(record.key) + sizeOfBytes(record.value) + sizeOfVarint(headers.length);
    for (const { key, value } of headers) size += sizeOfBytes(key) + sizeOfBytes(value);
    this.varint(size);
    this.at += 1; // attributes: unused by the format
    this.varint(timestampDelta);
    this.varint(offsetDelta);
    this.block(record.key);
    this.block(record.value);
    this.varint(headers.length);
    for (const { key, value } of headers) {
      this.block(key);
      this.block(value);
    }
  }

  block(bytes: Uint8Array | null): void {
    this.varint(bytes === null ? -1 : bytes.length);
    if (bytes === null) return;
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  varint(value: number): void {
    let rest = zigzag(value);
    while (rest > 127) {
      this.bytes[this.at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.at++] = rest;
  }
}

/** Numbers beyond 32 bits appear in timestamp deltas: arithmetic, not shifts. */
const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = zigzag(value); rest > 127; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

const sizeOfBytes = (bytes: Uint8Array | null) =>
  bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length;
