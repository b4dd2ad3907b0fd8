import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openFailpoint } from './failpoint.ts';
import { holdFolder } from './folder-lock.ts';
import { leaveHubAddress, readHubAddress, takeHubAddressAway } from './hub-address.ts';
import { runWorker } from './worker-thread.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'freshet-lifecycle-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string) => new URL(`./fixtures/${name}.ts`, import.meta.url);
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A zombie still answers; on Linux its state says so.
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

describe('processes', () => {
  test('[LC5] a child ends when its parent is killed without warning', async () => {
    const parent = spawn(process.execPath, [fileURLToPath(fixture('parent'))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = Number(line.toString());
    expect(isAlive(child)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(child)).toBe(false), { timeout: 5_000 });
  });

  test('[LC6] a folder is held by one process, which the refusal names, and is free after its death', async () => {
    const module = new URL('./folder-lock.ts', import.meta.url).href;
    const holder = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const { holdFolder } = await import(${JSON.stringify(module)});
         globalThis.held = holdFolder(${JSON.stringify(folder)});
         setInterval(() => {}, 1000); console.log('held');`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(holder.stdout, 'data');
    expect(() => holdFolder(folder)).toThrow(`(process ${holder.pid})`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    holdFolder(folder).release();
  });

  test('the hub leaves its address, and takes it away', () => {
    expect(readHubAddress(folder)).toBeNull();
    const address = { url: 'http://127.0.0.1:3000', pid: 12, startedAt: 5 };
    leaveHubAddress(folder, address);
    expect(readHubAddress(folder)).toEqual(address);
    takeHubAddressAway(folder);
    expect(readHubAddress(folder)).toBeNull();
  });
});

describe('worker threads', () => {
  const run = (end: string, signal: AbortSignal) =>
    runWorker(fixture('worker'), { end, stoppedFile: join(folder, 'stopped') }, signal);

  test('[LC7] an AppError of the thread arrives with its code', async () => {
    await expect(run('fenced', new AbortController().signal)).rejects.toMatchObject({
      code: 'compute/fenced',
      message: 'Another computer took over.',
    });
  });

  test('[LC7] a crash of the thread is a failure of the part, not of the process', async () => {
    await expect(run('crash', new AbortController().signal)).rejects.toMatchObject({
      code: 'internal',
      message: 'A worker thread crashed: boom',
    });
  });

  test('[LC7] an abort lets the thread finish what it holds', async () => {
    const stopper = new AbortController();
    const ended = run('wait', stopper.signal);
    stopper.abort();
    await ended;
    expect(readFileSync(join(folder, 'stopped'), 'utf8')).toBe('stopped');
  });
});

test('a failpoint dies at the named passing and only there', () => {
  let deaths = 0;
  const failpoint = openFailpoint({ name: 'compute/acknowledged', at: 2 }, () => {
    deaths += 1;
  });
  failpoint('compute/acknowledged');
  failpoint('store/committing');
  expect(deaths).toBe(0);
  failpoint('compute/acknowledged');
  failpoint('compute/acknowledged');
  expect(deaths).toBe(1);
  openFailpoint(null)('compute/acknowledged');
});
