import type { RecordBatch } from '#lib/log/record-batch.ts';

/**
 * Walks the records of one batch without an allocation per record: after `next()` returned true the fields describe the current
 * record, and key and value are ranges of `bytes` (`keyStart` or `valueStart` is -1 for null).
 */
export class RecordCursor {
  offset = -1;
  /** Epoch ms: the producer's clock, or the broker's on LogAppendTime topics. */
  timestamp = -1;
  keyStart = -1;
  keyEnd = -1;
  valueStart = -1;
  valueEnd = -1;
  readonly bytes: Uint8Array;
  readonly #batch: RecordBatch;
  readonly #from: number;
  #at = 0;
  #left: number;

  /** @param from records with a smaller offset are passed over (a fetch answers whole batches) */
  constructor(batch: RecordBatch, from = 0) {
    this.#batch = batch;
    this.#from = from;
    this.#left = batch.count;
    this.bytes = batch.records;
  }

  next(): boolean {
    while (this.#left > 0) {
      this.#left -= 1;
      const length = this.#varint();
      const end = this.#at + length;
      this.#at += 1; // attributes: unused by the format
      const timestampDelta = this.#varlong();
      const offsetDelta = this.#varint();
      const keyLength = this.#varint();
      this.keyStart = keyLength < 0 ? -1 : this.#at;
      this.keyEnd = keyLength < 0 ? -1 : (this.#at += keyLength);
      const valueLength = this.#varint();
      this.valueStart = valueLength < 0 ? -1 : this.#at;
      this.valueEnd = valueLength < 0 ? -1 : this.#at + valueLength;
      this.#at = end; // headers are passed over
      if (end > this.bytes.length || end < 0) throw new RangeError('record runs past its batch');
      this.offset = this.#batch.baseOffset + offsetDelta;
      this.timestamp =
        this.#batch.timestampType === 'append'
          ? this.#batch.maxTimestamp
          : this.#batch.baseTimestamp + timestampDelta;
      if (this.offset >= this.#from) return true;
    }
    return false;
  }

  #varint(): number {
    let byte = this.bytes[this.#at++] ?? 0;
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1); // most lengths and deltas of a batch
    let value = byte & 0x7f;
    let shift = 7;
    do {
      byte = this.bytes[this.#at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80);
    return (value >>> 1) ^ -(value & 1);
  }

  /** Timestamp deltas may pass 31 bits: arithmetic instead of shifts from there on. */
  #varlong(): number {
    let value = 0;
    let scale = 1;
    let byte: number;
    do {
      byte = this.bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * scale;
      scale *= 128;
    } while (byte & 0x80);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
