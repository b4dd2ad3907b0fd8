import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CellRow } from '#server/ports/checkpoint-store.ts';
import { checkpointStoreContract } from '#server/ports/checkpoint-store.contract.ts';
import { openCheckpointStore } from './checkpoint-store.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-store-'));
  file = join(folder, 'data', 'compute.db');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

checkpointStoreContract(() => openCheckpointStore({ file }));

const cellsFor = (count: number): CellRow[] =>
  Array.from({ length: count }, (_, i) => ({
    metric: `metric_${i % 4}`,
    version: '1-abcdefabcdef',
    start: 1_700_000_000_000 + (i % 50) * 60_000,
    dims: `{"provider":"p${i}"}`,
    state: JSON.stringify({ n: i, sum: '123456.78', hops: [i, i + 1, i + 2], acked: String(i) }),
  }));

/** Runs a program of its own against the store file, as another process would. */
async function otherProcess(source: string): Promise<{ out: string; signal: string | null }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString();
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { out: out.trim(), signal };
}
const storeUrl = new URL('./checkpoint-store.ts', import.meta.url).href;

test('[SR1] a second process is told which file is in use and what to do', async () => {
  const store = await openCheckpointStore({ file });
  const { out } = await otherProcess(
    `const { openCheckpointStore } = await import(${JSON.stringify(storeUrl)});
     await openCheckpointStore({ file: ${JSON.stringify(file)} }).catch((e) => console.log(e.code, e.message));`,
  );
  await store.close();
  expect(out).toContain('store/locked');
  expect(out).toContain(file);
  expect(out).toContain('FRESHET_DATA');
});

test('[SR15] a closed store keeps no process alive', async () => {
  const { out, signal } = await otherProcess(
    `const { openCheckpointStore } = await import(${JSON.stringify(storeUrl)});
     const store = await openCheckpointStore({ file: ${JSON.stringify(file)} });
     await store.save([{ task: 't', header: 'h', cells: [] }]);
     await store.close();
     console.log('closed');`,
  );
  expect(out).toBe('closed');
  expect(signal).toBeNull();
});

test('[SR13] a process killed inside a commit leaves the checkpoint before it, whole', async () => {
  const { out, signal } = await otherProcess(
    `const { openCheckpointStore } = await import(${JSON.stringify(storeUrl)});
     const store = await openCheckpointStore({ file: ${JSON.stringify(file)}, failAtCommit: 2 });
     const cells = (state) => Array.from({ length: 100 }, (_, i) => ({ metric: 'm', version: '1-a', start: i, dims: '{}', state }));
     await store.save([{ task: 't', header: 'one', cells: cells('one') }]);
     console.log('first');
     await store.save([{ task: 't', header: 'two', cells: cells('two') }]);
     console.log('second');`,
  );
  expect({ out, signal }).toEqual({ out: 'first', signal: 'SIGKILL' });
  const store = await openCheckpointStore({ file });
  const read = await store.load('t');
  const states = new Set<string | null>();
  for await (const chunk of read?.cells ?? []) for (const row of chunk) states.add(row.state);
  await store.close();
  expect(read?.header).toBe('one');
  expect([...states]).toEqual(['one']);
});

test('[SR2] refuses a store written by a newer build and names both layouts', async () => {
  await openCheckpointStore({ file }).then((store) => store.close());
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 99');
  db.close();
  await expect(openCheckpointStore({ file })).rejects.toMatchObject({
    code: 'store/newer',
    message: expect.stringContaining('layout 99') as unknown,
  });
});

test('[SR3] a file that is no store is refused with a sentence and the fix', async () => {
  const notAStore = join(folder, 'compute.db');
  await writeFile(notAStore, 'hello '.repeat(1000));
  await expect(openCheckpointStore({ file: notAStore })).rejects.toMatchObject({
    code: 'store/failed',
    message: expect.stringMatching(
      /compute\.db could not be opened: .*Move the file away/,
    ) as unknown,
  });
});

test('[SR4] ten thousand cells saved again and again in one step come back as they were saved last', async () => {
  const store = await openCheckpointStore({ file });
  const cells = cellsFor(10_000);
  for (let round = 0; round < 3; round += 1)
    await store.save([{ task: 'orders', header: String(round), cells }]);
  const loaded = await store.load('orders');
  expect(loaded?.header).toBe('2');
  let count = 0;
  for await (const rows of loaded?.cells ?? []) count += rows.length;
  expect(count).toBe(10_000);
  await store.close();
});
