import type { AbortedTransaction } from '#lib/log/aborted-filter.ts';
import { readBatchHeader, RECORDS_AT, type BatchHeader } from '#lib/log/batch-header.ts';
import { encodeBatch, type RecordToEncode } from '#lib/log/encode-batch.ts';
import { recordBatchOf, type RecordBatch } from '#lib/log/record-batch.ts';
import { textRecords, type TextRecord } from '#lib/log/text-records.ts';

export interface StoredBatch {
  readonly header: BatchHeader;
  readonly batch: RecordBatch;
  /** Type of the control record, for control batches: 0 aborts, 1 commits. */
  readonly controlType: number | null;
}

export interface BatchOrigin {
  readonly producerId: number;
  readonly isTransactional: boolean;
}

const PLAIN: BatchOrigin = { producerId: -1, isTransactional: false };
const MARKER = { abort: 0, commit: 1 } as const;
const TEXT = new TextEncoder();

/** The log of one partition as a broker keeps it: real record batches, transactions with their markers, a start that moves up. */
export class MemoryLog {
  readonly timestampType: 'create' | 'append';
  start = 0;
  end = 0;
  /** First offset of each open transaction, by producer. */
  readonly #open = new Map<number, number>();
  readonly #aborted: (AbortedTransaction & { readonly marker: number })[] = [];
  readonly #corrupt = new Set<number>();
  #batches: StoredBatch[] = [];

  constructor(timestampType: 'create' | 'append') {
    this.timestampType = timestampType;
  }

  /** Last stable offset: the first one of an open transaction, else the end. */
  get stable(): number {
    return Math.min(this.end, ...this.#open.values());
  }

  /** Appends one batch. @param at the broker's clock, epoch ms @returns its first offset */
  append(records: readonly RecordToEncode[], at: number, origin: BatchOrigin = PLAIN): number {
    const baseOffset = this.end;
    const stamped =
      this.timestampType === 'append'
        ? records.map((record) => ({ ...record, timestamp: at }))
        : records;
    this.#store(
      encodeBatch({ baseOffset, records: stamped, timestampType: this.timestampType, ...origin }),
      null,
    );
    if (origin.isTransactional && !this.#open.has(origin.producerId))
      this.#open.set(origin.producerId, baseOffset);
    return baseOffset;
  }

  /** Ends the transaction of a producer with a marker; does nothing where it wrote nothing. */
  endTransaction(producerId: number, outcome: 'commit' | 'abort', at: number): void {
    const firstOffset = this.#open.get(producerId);
    if (firstOffset === undefined) return;
    this.#open.delete(producerId);
    const marker = this.end;
    if (outcome === 'abort') this.#aborted.push({ producerId, firstOffset, marker });
    const key = new Uint8Array([0, 0, 0, MARKER[outcome]]); // version and type, INT16 each
    const bytes = encodeBatch({
      baseOffset: marker,
      records: [{ key, value: new Uint8Array(6), timestamp: at }],
      isTransactional: true,
      isControl: true,
      producerId,
    });
    this.#store(bytes, MARKER[outcome]);
  }

  /** What retention does: everything below `offset` is gone. */
  deleteBefore(offset: number): void {
    this.start = Math.max(this.start, Math.min(offset, this.end));
    this.#batches = this.#batches.filter(({ header }) => header.lastOffset >= this.start);
  }

  /** Makes the batch that holds `offset` unreadable. */
  corrupt(offset: number): void {
    const hit = this.#batches.find(({ header }) => header.lastOffset >= offset);
    if (hit !== undefined) this.#corrupt.add(hit.header.baseOffset);
  }

  isCorrupt({ header }: StoredBatch): boolean {
    return this.#corrupt.has(header.baseOffset);
  }

  /** Batches from `offset` up to the stable end, the first perhaps beginning below it. */
  from(offset: number): readonly StoredBatch[] {
    const { stable } = this;
    return this.#batches.filter(
      ({ header }) => header.lastOffset >= offset && header.lastOffset < stable,
    );
  }

  /** Aborted transactions that reach into [from, to), as a fetch answer lists them. */
  aborted(from: number, to: number): readonly AbortedTransaction[] {
    return this.#aborted.filter(({ firstOffset, marker }) => marker >= from && firstOffset < to);
  }

  /**
   * What compaction does: of every key only the last record stays, tombstones too, offsets keep their gaps. The last batch is left alone, as a
   * broker leaves its active segment.
   */
  compact(): void {
    const newest = new Map<string | null, number>();
    for (const stored of this.#batches)
      for (const { key, offset } of textRecords(stored.batch)) newest.set(key, offset);
    const isKept = ({ key, offset }: TextRecord) => key === null || newest.get(key) === offset;
    const last = this.#batches.at(-1);
    const rest = this.#batches.slice(0, -1);
    this.#batches = [];
    for (const stored of rest) this.#compactOne(stored, isKept);
    if (last !== undefined) this.#batches.push(last);
  }

  #compactOne(stored: StoredBatch, isKept: (record: TextRecord) => boolean): void {
    const { header, batch } = stored;
    const records = textRecords(batch);
    const kept = records.filter(isKept);
    if (header.isControl || header.isTransactional || kept.length === records.length) {
      this.#batches.push(stored);
      return;
    }
    if (kept.length === 0) return;
    const bytes = encodeBatch({
      baseOffset: header.baseOffset,
      lastOffset: header.lastOffset,
      timestampType: header.timestampType,
      records: kept.map(({ key, value, timestamp, offset }) => ({
        key: key === null ? null : TEXT.encode(key),
        value: value === null ? null : TEXT.encode(value),
        timestamp,
        offsetDelta: offset - header.baseOffset,
      })),
    });
    this.#batches.push(storedBatch(bytes, null));
  }

  #store(bytes: Uint8Array, controlType: number | null): void {
    const stored = storedBatch(bytes, controlType);
    this.#batches.push(stored);
    this.end = stored.header.lastOffset + 1;
  }
}

function storedBatch(bytes: Uint8Array, controlType: number | null): StoredBatch {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readBatchHeader(view, 0);
  return { header, batch: recordBatchOf(header, bytes.subarray(RECORDS_AT)), controlType };
}
