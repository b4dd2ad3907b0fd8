import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { newerStore, storeFailure } from './store-failure.ts';
import type { StoreFailure } from './store-protocol.ts';

/** How long to wait for a predecessor that is just ending, before saying that the file is in use. */
const LOCK_WAIT_MS = 1_000;
/** The write-ahead log is cut back to this after a burst, bytes. */
const WAL_LIMIT = 64 * 1_048_576;

export type Opened =
  | { readonly ok: true; readonly db: DatabaseSync }
  | { readonly ok: false; readonly failure: StoreFailure };

/**
 * Opens a store file for this process alone and brings it to the newest layout. `migrations[n]` leads from layout n to n + 1; each is
 * one transaction (PRAGMA user_version counts them). Rules SR1, SR2.
 *
 * synchronous NORMAL in WAL mode: a power cut may lose the last commits, never half of one. That is enough, because positions are
 * committed together with what was read up to them: what is lost is simply read again. A killed process loses nothing.
 */
export function openSqlite(file: string, migrations: readonly string[]): Opened {
  let db: DatabaseSync | null = null;
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
    db = new DatabaseSync(file, { timeout: LOCK_WAIT_MS });
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = NORMAL');
    db.exec(`PRAGMA journal_size_limit = ${WAL_LIMIT}`);
    db.exec('PRAGMA temp_store = MEMORY');
    // A first write takes the lock now, and exclusive mode keeps it until the file is closed.
    db.exec('BEGIN EXCLUSIVE; COMMIT');
    const failure = migrate(db, file, migrations);
    if (failure === null) return { ok: true, db };
    db.close();
    return { ok: false, failure };
  } catch (error) {
    if (db?.isOpen === true) db.close();
    return { ok: false, failure: storeFailure(file, 'be opened', error) };
  }
}

function migrate(
  db: DatabaseSync,
  file: string,
  migrations: readonly string[],
): StoreFailure | null {
  const found = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (found > migrations.length) return newerStore(file, found, migrations.length);
  migrations.slice(found).forEach((sql, index) => {
    inTransaction(db, () => {
      db.exec(sql);
      db.exec(`PRAGMA user_version = ${found + index + 1}`);
    });
  });
  return null;
}

/** All of `work` or nothing of it. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite ends the transaction by itself after some failures (disk full).
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
