import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { hubStoreContract } from '#server/ports/hub-store.contract.ts';
import { openHubStore } from './hub-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-store-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

hubStoreContract(() => openHubStore({ file: join(folder, 'hub.db') }));
