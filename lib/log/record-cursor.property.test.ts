import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBatchHeader, RECORDS_AT } from '#lib/log/batch-header.ts';
import { crc32c } from '#lib/log/crc32c.ts';
import { encodeBatch, type RecordToEncode } from '#lib/log/encode-batch.ts';
import { recordBatchOf, type RecordBatch } from '#lib/log/record-batch.ts';
import { RecordCursor } from '#lib/log/record-cursor.ts';

// KafkaJS's own encoder and decoder of record batches are the peer. They have no types.
const require = createRequire(import.meta.url);
const { RecordBatch: encodeTheirs } = require('kafkajs/src/protocol/recordBatch/v0');
const encodeTheirRecord = require('kafkajs/src/protocol/recordBatch/record/v0');
const decodeTheirs = require('kafkajs/src/protocol/recordBatch/v0/decoder');
const Decoder = require('kafkajs/src/protocol/decoder');

interface Sample {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array }[];
}

const bytes = fc.uint8Array({ maxLength: 300 });
const sample: fc.Arbitrary<Sample> = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  // Deltas of seconds and of decades, in both directions.
  timestamp: fc.oneof(
    fc.integer({ min: 0, max: 4e12 }),
    fc.integer({ min: 1e12, max: 1e12 + 5_000 }),
  ),
  headers: fc.array(fc.record({ key: fc.string({ maxLength: 8 }), value: bytes }), {
    maxLength: 3,
  }),
});
const samples = fc.array(sample, { minLength: 1, maxLength: 40 });

const parse = (batch: Uint8Array) =>
  readBatchHeader(new DataView(batch.buffer, batch.byteOffset, batch.byteLength), 0);
const batchOf = (encoded: Uint8Array): RecordBatch =>
  recordBatchOf(parse(encoded), encoded.subarray(RECORDS_AT));

function walk(batch: RecordBatch, from = 0) {
  const cursor = new RecordCursor(batch, from);
  const seen: { offset: number; timestamp: number; key: string | null; value: string | null }[] =
    [];
  const hex = (start: number, end: number) =>
    start < 0 ? null : Buffer.from(cursor.bytes.subarray(start, end)).toString('hex');
  while (cursor.next()) {
    seen.push({
      offset: cursor.offset,
      timestamp: cursor.timestamp,
      key: hex(cursor.keyStart, cursor.keyEnd),
      value: hex(cursor.valueStart, cursor.valueEnd),
    });
  }
  return seen;
}

const hexOf = (content: Uint8Array | null) =>
  content === null ? null : Buffer.from(content).toString('hex');
const expected = (list: readonly Sample[], baseOffset: number) =>
  list.map(({ key, value, timestamp }, i) => ({
    offset: baseOffset + i,
    timestamp,
    key: hexOf(key),
    value: hexOf(value),
  }));

async function theirs(list: readonly Sample[], baseOffset: number): Promise<Uint8Array> {
  const first = list[0]!.timestamp;
  const encoder = await encodeTheirs({
    firstOffset: baseOffset,
    firstTimestamp: first,
    maxTimestamp: Math.max(...list.map(({ timestamp }) => timestamp)),
    lastOffsetDelta: list.length - 1,
    records: list.map(({ key, value, timestamp, headers }, offsetDelta) =>
      encodeTheirRecord({
        offsetDelta,
        timestampDelta: timestamp - first,
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        headers: Object.fromEntries(headers.map((h) => [h.key, Buffer.from(h.value)])),
      }),
    ),
  });
  return encoder.buffer;
}

describe('RecordCursor and encodeBatch', () => {
  test('[LR16] the cursor reads what KafkaJS encoded', async () => {
    await fc.assert(
      fc.asyncProperty(samples, fc.nat(2 ** 40), async (list, baseOffset) => {
        const encoded = await theirs(list, baseOffset);
        expect(crc32c(encoded, 21)).toBe(parse(encoded).crc);
        expect(walk(batchOf(encoded))).toEqual(expected(list, baseOffset));
      }),
    );
  });

  test('[LR16] KafkaJS reads what we encode, headers included', async () => {
    await fc.assert(
      fc.asyncProperty(samples, fc.nat(2 ** 40), async (list, baseOffset) => {
        const encoded = encodeBatch({ baseOffset, records: list as readonly RecordToEncode[] });
        const decoded = await decodeTheirs(new Decoder(Buffer.from(encoded)));
        const read = decoded.records.map(
          (record: {
            offset: string;
            timestamp: string;
            key: Buffer | null;
            value: Buffer | null;
          }) => ({
            offset: Number(record.offset),
            timestamp: Number(record.timestamp),
            key: hexOf(record.key),
            value: hexOf(record.value),
          }),
        );
        expect(read).toEqual(expected(list, baseOffset));
        const names = (record: { headers: object }) => Object.keys(record.headers).sort();
        expect(decoded.records.map(names)).toEqual(
          list.map(({ headers }) => [...new Set(headers.map(({ key }) => key))].sort()),
        );
      }),
    );
  });

  test('[LR2] records below the asked offset are passed over, those from it on are not', () => {
    fc.assert(
      fc.property(samples, fc.nat(50), (list, from) => {
        const batch = batchOf(encodeBatch({ baseOffset: 7, records: list }));
        expect(walk(batch, from)).toEqual(expected(list, 7).filter(({ offset }) => offset >= from));
      }),
    );
  });

  test('[LR16] with the broker’s timestamps every record has the batch’s', () => {
    const records = [1_000, 3_000, 2_000].map((timestamp) => ({
      key: null,
      value: null,
      timestamp,
    }));
    const batch = batchOf(encodeBatch({ baseOffset: 0, records, timestampType: 'append' }));
    expect(walk(batch).map(({ timestamp }) => timestamp)).toEqual([3_000, 3_000, 3_000]);
  });

  test('[LR16] offsets keep the gaps that compaction left', () => {
    const records = [1, 4].map((offsetDelta) => ({
      key: null,
      value: null,
      timestamp: 0,
      offsetDelta,
    }));
    const batch = batchOf(encodeBatch({ baseOffset: 10, lastOffset: 19, records }));
    expect(walk(batch).map(({ offset }) => offset)).toEqual([11, 14]);
    expect(batch).toMatchObject({ baseOffset: 10, lastOffset: 19, count: 2 });
  });

  test('[LR16] a record that claims to be longer than its batch throws instead of reading on', () => {
    const encoded = encodeBatch({
      baseOffset: 0,
      records: [{ key: null, value: new Uint8Array(20), timestamp: 0 }],
    });
    const batch = { ...batchOf(encoded), records: encoded.slice(RECORDS_AT, -5) };
    expect(() => walk(batch)).toThrow(RangeError);
  });
});
