import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import type { Codec } from '#lib/log/batch-header.ts';

/** A batch that unpacks to more than this is not read: brokers allow 1 MiB by default, and a wrong byte must not take the memory. */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;

const unzip = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip);
const unzstd = promisify<Buffer, { maxOutputLength: number }, Buffer>(zstdDecompress);

/** Unpacks the records of a batch, in Node's own threads. Null for a codec we do not read. */
export function decompress(codec: Codec | null, packed: Buffer): Promise<Buffer> | null {
  const limit = { maxOutputLength: MAX_UNPACKED_BYTES };
  if (codec === 'none') return Promise.resolve(packed);
  if (codec === 'gzip') return unzip(packed, limit);
  if (codec === 'zstd') return unzstd(packed, limit);
  return null;
}
