import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '#lib/errors/app-error.ts';

export interface FolderLock {
  release(): void;
}

/**
 * Holds a folder for this process. The lock is SQLite's, so the kernel lets go of it with the process, however that ends; a file with a process id
 * alone would outlive a crash. Throws `store/locked` naming the holder (LC6).
 */
export function holdFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true });
  const holderFile = join(folder, 'freshet.pid');
  const lock = new DatabaseSync(join(folder, 'freshet.lock'), { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new AppError(
      'store/locked',
      `Freshet already runs with the data in ${folder}${holder(holderFile)}. Stop it first, or set FRESHET_DATA to another folder.`,
      { folder },
      error,
    );
  }
  writeFileSync(holderFile, `${process.pid}\n`);
  return { release: () => lock.close() };
}

function holder(file: string): string {
  try {
    return ` (process ${readFileSync(file, 'utf8').trim()})`;
  } catch {
    return ''; // the holder has the lock and is about to write its id
  }
}
