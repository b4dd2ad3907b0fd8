import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clearData } from './clear-data.ts';

test('[DM1] starting over deletes everything in the data folder but the jars and the lock', () => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-clear-'));
  try {
    for (const name of ['jars', 'kafka', 'logs']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'x'), 'x');
    }
    for (const name of ['hub.db', 'hub.db-wal', 'shop.json', 'freshet.lock', 'freshet.pid'])
      writeFileSync(join(folder, name), 'x');
    clearData(folder);
    expect(readdirSync(folder).sort()).toEqual(['freshet.lock', 'freshet.pid', 'jars']);
    expect(readdirSync(join(folder, 'jars'))).toEqual(['x']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
