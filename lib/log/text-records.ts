import type { RecordBatch } from '#lib/log/record-batch.ts';
import { RecordCursor } from '#lib/log/record-cursor.ts';

export interface TextRecord {
  readonly offset: number;
  /** Epoch ms, of the clock the batch's `timestampType` names. */
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
}

const UTF8 = new TextDecoder();

/** The records of a batch with an offset of `from` or more, as text. One object per record: for small batches; on the hot path walk a RecordCursor. */
export function textRecords(batch: RecordBatch, from = 0): readonly TextRecord[] {
  const records: TextRecord[] = [];
  const cursor = new RecordCursor(batch, from);
  const text = (start: number, end: number) =>
    start < 0 ? null : UTF8.decode(cursor.bytes.subarray(start, end));
  while (cursor.next()) {
    records.push({
      offset: cursor.offset,
      timestamp: cursor.timestamp,
      key: text(cursor.keyStart, cursor.keyEnd),
      value: text(cursor.valueStart, cursor.valueEnd),
    });
  }
  return records;
}
