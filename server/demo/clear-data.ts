import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The jars cost a download, and the lock is held by who asks. */
const KEPT = new Set(['jars', 'freshet.lock', 'freshet.pid']);

/** Deletes what earlier runs left in a data folder, but for the jars. The caller holds the folder. */
export function clearData(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!KEPT.has(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
