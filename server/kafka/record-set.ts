import { AbortedFilter, type AbortedTransaction } from '#lib/log/aborted-filter.ts';
import {
  CHECKED_AT,
  LOG_OVERHEAD,
  MAGIC_AT,
  readBatchHeader,
  RECORDS_AT,
  type BatchHeader,
} from '#lib/log/batch-header.ts';
import { crc32c } from '#lib/log/crc32c.ts';
import { recordBatchOf, type RecordBatch } from '#lib/log/record-batch.ts';
import { RecordCursor } from '#lib/log/record-cursor.ts';
import { decompress } from './decompress.ts';

export interface RecordSet {
  /** Committed data, checked and unpacked, ascending. */
  readonly batches: readonly RecordBatch[];
  /** Offset after the last whole batch, whatever it was; `asked` when there was none. */
  readonly next: number;
  /** The first batch that cannot be read; nothing from there on is in `batches`. */
  readonly corrupt: { readonly offset: number; readonly message: string } | null;
  /** Bytes of the first batch when not even that came whole: ask for as many. 0 otherwise. */
  readonly wantBytes: number;
}

interface Found {
  readonly header: BatchHeader;
  readonly unpacked: Promise<Buffer>;
}

const MAGIC = 2;
/** Brokers refuse far smaller ones (`message.max.bytes`, 1 MiB by default); the length is the one field no checksum covers. */
const MAX_BATCH_BYTES = 256 * 1024 * 1024;

/**
 * Reads the record set of one partition from a fetch answer: CRC of every batch, aborted and control batches passed over, the cut-off batch
 * at the end left for the next answer, compressed records unpacked (LR5, LR6, LR9, LR15, LR17).
 */
export async function readRecordSet(
  bytes: Buffer,
  asked: number,
  aborted: readonly AbortedTransaction[],
): Promise<RecordSet> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const filter = new AbortedFilter(aborted);
  const found: Found[] = [];
  let next = asked;
  let at = 0;
  let wantBytes = 0;
  let corrupt: RecordSet['corrupt'] = null;
  while (at + MAGIC_AT + 1 <= bytes.length) {
    const size = view.getInt32(at + 8) + LOG_OVERHEAD;
    const offset = Number(view.getBigInt64(at));
    const broken = structureProblem(view.getInt8(at + MAGIC_AT), size);
    if (broken !== null) {
      corrupt = { offset, message: broken };
      break;
    }
    if (at + size > bytes.length) {
      if (at === 0) wantBytes = size;
      break;
    }
    const header = readBatchHeader(view, at);
    if (crc32c(bytes, at + CHECKED_AT, at + size) !== header.crc) {
      corrupt = { offset, message: 'its checksum (CRC32C) does not match its bytes' };
      break;
    }
    const packed = bytes.subarray(at + RECORDS_AT, at + size);
    const type = header.isControl ? controlType(header, packed) : null;
    if (filter.isData(header, type) && header.count > 0 && header.lastOffset >= asked) {
      const unpacked = decompress(header.codec, packed);
      if (unpacked === null) {
        corrupt = { offset, message: unreadable(header.codec ?? 'an unknown codec') };
        break;
      }
      unpacked.catch(() => {}); // looked at below, in order; a later one may fail first
      found.push({ header, unpacked });
    }
    next = Math.max(next, header.lastOffset + 1);
    at += size;
  }
  return unpackAll(found, asked, { next, corrupt, wantBytes });
}

async function unpackAll(
  found: readonly Found[],
  asked: number,
  rest: Omit<RecordSet, 'batches'>,
): Promise<RecordSet> {
  const batches: RecordBatch[] = [];
  for (const { header, unpacked } of found) {
    try {
      batches.push(recordBatchOf(header, await unpacked));
    } catch {
      const offset = header.baseOffset;
      const message = `its ${header.codec} records do not unpack`;
      return { ...rest, batches, next: Math.max(asked, offset), corrupt: { offset, message } };
    }
  }
  return { ...rest, batches };
}

function structureProblem(magic: number, size: number): string | null {
  if (magic !== MAGIC)
    return `it is in message format ${magic}; Freshet reads format 2, which brokers write since 0.11`;
  if (size < RECORDS_AT || size > MAX_BATCH_BYTES)
    return `it claims to be ${size} bytes long, which no batch can be`;
  return null;
}

const unreadable = (codec: string) =>
  `it is compressed with ${codec}, which Freshet does not read; let its producer use zstd, gzip or none`;

/** Type of the one record of a control batch: its key is version and type, INT16 each. Null when there is none to read. */
function controlType(header: BatchHeader, packed: Buffer): number | null {
  const cursor = new RecordCursor(recordBatchOf(header, packed));
  if (!cursor.next() || cursor.keyEnd - cursor.keyStart < 4) return null;
  return packed.readInt16BE(cursor.keyStart + 2);
}
