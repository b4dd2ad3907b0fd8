import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { crc32c } from '#lib/log/crc32c.ts';
import { CHECKED_AT, RECORDS_AT } from '#lib/log/batch-header.ts';
import { encodeBatch } from '#lib/log/encode-batch.ts';
import { textRecords } from '#lib/log/text-records.ts';
import { readRecordSet } from './record-set.ts';

const plain = (baseOffset: number, ...values: string[]) =>
  Buffer.from(
    encodeBatch({
      baseOffset,
      records: values.map((value) => ({ key: null, value: Buffer.from(value), timestamp: 0 })),
    }),
  );

/** The same batch with its records packed, as a producer with compression writes it. */
function packed(batch: Buffer, codec: number, pack: (records: Buffer) => Buffer): Buffer {
  const result = Buffer.concat([batch.subarray(0, RECORDS_AT), pack(batch.subarray(RECORDS_AT))]);
  result.writeInt32BE(result.length - 12, 8);
  result.writeInt16BE(codec, CHECKED_AT);
  result.writeUInt32BE(crc32c(result, CHECKED_AT), 17);
  return result;
}

const valuesOf = (set: Awaited<ReturnType<typeof readRecordSet>>, from = 0) =>
  set.batches.flatMap((batch) => textRecords(batch, from).map(({ value }) => value));

describe('readRecordSet', () => {
  test('[LR1] reads the batches of an answer, and goes on behind the last', async () => {
    const set = await readRecordSet(Buffer.concat([plain(0, 'a', 'b'), plain(2, 'c')]), 0, []);
    expect(valuesOf(set)).toEqual(['a', 'b', 'c']);
    expect(set).toMatchObject({ next: 3, corrupt: null, wantBytes: 0 });
  });

  test('[LR7] an empty answer stays where it was', async () => {
    expect(await readRecordSet(Buffer.alloc(0), 5, [])).toEqual({
      batches: [],
      next: 5,
      corrupt: null,
      wantBytes: 0,
    });
  });

  test('[LR9] a batch cut off at the end is left for the next answer; cut off at the front, its size is asked for', async () => {
    const second = plain(1, 'second');
    for (let cut = 1; cut < second.length; cut += 1) {
      const set = await readRecordSet(
        Buffer.concat([plain(0, 'first'), second.subarray(0, cut)]),
        0,
        [],
      );
      expect(set).toMatchObject({ next: 1, corrupt: null, wantBytes: 0 });
    }
    const alone = await readRecordSet(second.subarray(0, 40), 1, []);
    expect(alone).toMatchObject({ next: 1, wantBytes: second.length, corrupt: null });
  });

  test.each([
    ['gzip', 1, gzipSync],
    ['zstd', 4, zstdCompressSync],
  ] as const)('[LR17] reads records packed with %s', async (_, codec, pack) => {
    const set = await readRecordSet(packed(plain(0, 'a', 'b'), codec, pack), 0, []);
    expect(valuesOf(set)).toEqual(['a', 'b']);
  });

  test.each([
    ['snappy', 2],
    ['lz4', 3],
    ['an unknown codec', 6],
  ])(
    '[LR17] records packed with %s are a problem that names it, not a crash',
    async (name, codec) => {
      const bytes = Buffer.concat([
        plain(0, 'a'),
        packed(plain(1, 'b'), codec, (records) => records),
      ]);
      const set = await readRecordSet(bytes, 0, []);
      expect(valuesOf(set)).toEqual(['a']);
      expect(set.next).toBe(1);
      expect(set.corrupt).toEqual({ offset: 1, message: expect.stringContaining(name) });
    },
  );

  test('[LR17] records that do not unpack are a problem of their batch', async () => {
    const bad = packed(plain(1, 'b'), 4, () => Buffer.from('not zstd at all'));
    const set = await readRecordSet(Buffer.concat([plain(0, 'a'), bad, plain(2, 'c')]), 0, []);
    expect(valuesOf(set)).toEqual(['a']);
    expect(set).toMatchObject({ next: 1, corrupt: { offset: 1 } });
  });

  test('[LR15] one flipped bit anywhere behind the length is found, and what lies before it is delivered', async () => {
    const good = plain(0, 'first');
    const target = plain(1, 'second');
    for (let at = 16; at < target.length; at += 1) {
      const flipped = Buffer.from(target);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 0x10, at);
      const set = await readRecordSet(Buffer.concat([good, flipped, plain(2, 'third')]), 0, []);
      expect(valuesOf(set)).toEqual(['first']);
      expect(set.corrupt?.offset).toBe(1);
      expect(set.next).toBe(1);
    }
  });

  test('[LR15] lengths no batch can have are a problem, not an endless wait', async () => {
    for (const length of [-1, 0, 10, 2 ** 31 - 13]) {
      const broken = plain(3, 'x');
      broken.writeInt32BE(length, 8);
      const set = await readRecordSet(broken, 3, []);
      expect(set.corrupt?.offset).toBe(3);
    }
  });

  test('[LR15] an old message format is named', async () => {
    const old = plain(0, 'x');
    old.writeInt8(1, 16);
    const set = await readRecordSet(old, 0, []);
    expect(set.corrupt?.message).toContain('format 1');
  });

  test('[LR2] a batch that lies wholly below the asked offset is passed over', async () => {
    const set = await readRecordSet(Buffer.concat([plain(0, 'a', 'b'), plain(2, 'c')]), 2, []);
    expect(valuesOf(set, 2)).toEqual(['c']);
    expect(set.batches).toHaveLength(1);
  });
});
