import type { StoreFailure } from './store-protocol.ts';

/** Primary result codes of SQLite that people can do something about (https://sqlite.org/rescode.html, 3.50). */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

const FIX: Readonly<Record<number, string>> = {
  [READONLY]: 'Make the file and its folder writable.',
  [IOERR]: 'Check the disk it lies on.',
  [CORRUPT]: 'Move the file away and start again: values are rebuilt from Kafka.',
  [FULL]: 'Free space on the disk it lies on.',
  [CANTOPEN]: 'Check that its folder exists and may be written.',
  [NOTADB]: 'Move the file away, or point FRESHET_DATA at a folder of Freshet.',
};

/** Extended codes carry the primary one in their low byte. */
function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : null;
}

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** SQLite's own short name of the failure ("database or disk is full"); anything else keeps its text to the log. */
function shortReason(error: unknown): string {
  if (error instanceof Error && 'errstr' in error && typeof error.errstr === 'string')
    return error.errstr;
  return 'an internal error';
}

/** Translates what SQLite threw while `doing` something with `file`. */
export function storeFailure(file: string, doing: string, error: unknown): StoreFailure {
  const code = primaryCode(error);
  if (code === BUSY || code === LOCKED) {
    return {
      code: 'store/locked',
      message: `The store ${file} is in use by another Freshet process. Stop that process, or give this one a folder of its own with FRESHET_DATA.`,
      detail: textOf(error),
    };
  }
  const fix = (code === null ? undefined : FIX[code]) ?? 'The log has the details.';
  return {
    code: 'store/failed',
    message: `The store ${file} could not ${doing}: ${shortReason(error)}. ${fix}`,
    detail: textOf(error),
  };
}

/** The file was written by a later build: going on could destroy what we do not understand. */
export function newerStore(file: string, found: number, known: number): StoreFailure {
  return {
    code: 'store/newer',
    message: `The store ${file} was written by a newer Freshet (layout ${found}, this one knows up to ${known}). Start the newer one, or give this one a folder of its own with FRESHET_DATA.`,
    detail: '',
  };
}
