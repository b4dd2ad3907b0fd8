import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const hubAddressSchema = z.object({
  url: z.url(),
  pid: z.number().int().positive(),
  /** Wall clock of the hub's machine, epoch ms. */
  startedAt: z.number().int(),
});
/** Where a running hub of this data folder is found; the hub leaves it there and takes it away at its end. */
export type HubAddress = z.infer<typeof hubAddressSchema>;

const fileIn = (dataDir: string): string => join(dataDir, 'hub.json');

/** Written beside and renamed, so that a reader finds the old, the new or nothing. */
export function leaveHubAddress(dataDir: string, address: HubAddress): void {
  const file = fileIn(dataDir);
  writeFileSync(`${file}.new`, `${JSON.stringify(address)}\n`);
  renameSync(`${file}.new`, file);
}

export function takeHubAddressAway(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true });
}

/** Null when no hub left one. After a crash it may name a process that is gone. */
export function readHubAddress(dataDir: string): HubAddress | null {
  try {
    return hubAddressSchema.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8')));
  } catch {
    return null;
  }
}
