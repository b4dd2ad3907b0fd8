import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ensureBuild } from '#server/http/ensure-build.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';

let root: string;
const lines: string[] = [];

beforeEach(() => {
  lines.length = 0;
  root = mkdtempSync(join(tmpdir(), 'freshet-build-'));
  put('package.json', '{}');
  put('app/page.tsx', 'page');
  put('lib/a.ts', 'a');
  // A program in Next's place: it counts its runs and writes what a build leaves behind.
  bundler(`
    const fs = require('node:fs');
    fs.appendFileSync('runs', process.argv[2] + process.env.NODE_ENV + process.env.NEXT_TELEMETRY_DISABLED + '\\n');
    console.log('compiling');
    fs.mkdirSync('.next', { recursive: true });
    setTimeout(() => fs.writeFileSync('.next/BUILD_ID', 'x'), 50);
  `);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  const earlier = new Date(Date.now() - 60_000);
  utimesSync(join(root, path), earlier, earlier);
  utimesSync(dirname(join(root, path)), earlier, earlier);
}

const bundler = (text: string) => put('node_modules/next/dist/bin/next', text);

const ensure = (signal: AbortSignal = new AbortController().signal) =>
  ensureBuild({
    root,
    env: process.env,
    clock: systemClock,
    onProgress: (line) => lines.push(line),
    signal,
  });

const runs = () => readFileSync(join(root, 'runs'), 'utf8').split('\n').length - 1;
const touch = (path: string) => {
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(root, path), later, later);
};

test('[HT9] a missing build is made once, with its progress told', async () => {
  expect(await ensure()).toBe('built');
  expect(await ensure()).toBe('present');
  expect(readFileSync(join(root, 'runs'), 'utf8')).toBe('buildproduction1\n');
  expect(lines).toEqual(['compiling']);
});

test('[HT9] a newer source, or a page that was deleted, makes the build outdated; a newer test does not', async () => {
  put('app/old/page.tsx', 'old');
  put('lib/a.test.ts', 'test');
  await ensure();
  touch('lib/a.test.ts');
  expect(await ensure()).toBe('present');
  touch('lib/a.ts');
  expect(await ensure()).toBe('built');
  put('lib/a.ts', 'a');
  expect(await ensure()).toBe('present');
  unlinkSync(join(root, 'app/old/page.tsx'));
  touch('app/old');
  expect(await ensure()).toBe('built');
});

test('[HT9] two processes do not build at once', async () => {
  expect((await Promise.all([ensure(), ensure()])).sort()).toEqual(['built', 'present']);
  expect(runs()).toBe(1);
  expect(lines).toContain('Another process is building the pages: waiting for it.');
});

test('[HT9] a failed build says so with its last lines, and the next start builds again', async () => {
  bundler(`console.error('Module not found: x'); process.exit(3);`);
  await expect(ensure()).rejects.toMatchObject({
    code: 'http/build-failed',
    message: expect.stringMatching(/exit code 3[^]*Module not found: x/),
  });
  put('.next/BUILD_ID', 'half');
  touch('.next/BUILD_ID');
  bundler(`require('node:fs').writeFileSync('.next/BUILD_ID', 'x')`);
  expect(await ensure()).toBe('built');
});

test('[HT9] an abort ends the build', async () => {
  bundler(
    `require('node:fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000);`,
  );
  const stop = new AbortController();
  const building = ensure(stop.signal);
  const pid = await pidOfBuild();
  stop.abort();
  await expect(building).rejects.toThrow();
  expect(isAlive(pid)).toBe(false);
});

test('[HT9] a build ends with the process that started it, also when that is killed', async () => {
  bundler(
    `require('node:fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000);`,
  );
  const parent = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { ensureBuild } = await import(${JSON.stringify(new URL('./ensure-build.ts', import.meta.url).href)});
       await ensureBuild({ root: ${JSON.stringify(root)}, env: process.env, clock: { now: Date.now }, onProgress() {}, signal: new AbortController().signal });`,
    ],
    { cwd: process.cwd(), stdio: 'inherit' },
  );
  const pid = await pidOfBuild();
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 5_000);
});

async function pidOfBuild(): Promise<number> {
  return vi.waitFor(() => {
    const pid = Number(readFileSync(join(root, 'pid'), 'utf8'));
    expect(pid).toBeGreaterThan(0);
    return pid;
  }, 10_000);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
