import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FRESHET = join(ROOT, 'server', 'freshet.js');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
};

const majorOf = (node: string): number => {
  try {
    return Number(
      /^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1] ?? 0,
    );
  } catch {
    return 0;
  }
};
const onPath = (name: string): string[] =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .filter(existsSync);

/** A Node of this machine that is older than ours, other than the one the project brings; and its npx. */
const oldNode = onPath('node').find((node) => {
  const major = majorOf(node);
  return major >= 12 && major < 24;
});
const npx =
  oldNode === undefined
    ? undefined
    : [join(dirname(oldNode), 'npx'), ...onPath('npx')].find(existsSync);

const run = (command: string, args: readonly string[], path: string) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const { HOME, TMPDIR, NODE_ENV } = process.env;
    const env = { HOME, TMPDIR, NODE_ENV, PATH: path };
    execFile(command, args, { cwd: ROOT, env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
    );
  });

describe('the start', () => {
  test('[CL7] runs under the Node the project brings', async () => {
    expect(await run(process.execPath, [FRESHET, '--version'], '/usr/bin')).toEqual({
      code: 0,
      out: `${version}\n`,
      err: '',
    });
  });

  // Says so in the report when the machine has no older Node to try.
  test.skipIf(oldNode === undefined)(
    '[CL7] under an older Node it says one sentence with the fix and ends with 1',
    async () => {
      const { code, out, err } = await run(oldNode!, [FRESHET, 'demo'], '/usr/bin');
      expect(code).toBe(1);
      expect(out).toBe('');
      expect(err).toMatch(
        /^Freshet needs Node 24 and this is Node \d+\.\d+\.\d+: run `npm ci`.*\n$/,
      );
      expect(err.trimEnd()).not.toContain('\n');
    },
  );

  test.skipIf(npx === undefined)(
    '[CL7] `npx freshet` runs under the pinned Node also when the one on the path is old',
    async () => {
      const bin = mkdtempSync(join(tmpdir(), 'freshet-path-'));
      try {
        symlinkSync(oldNode!, join(bin, 'node'));
        const path = [bin, '/usr/bin', '/bin'].join(delimiter);
        const { code, out } = await run(npx!, ['freshet', '--version'], path);
        expect({ code, out }).toEqual({ code: 0, out: `${version}\n` });
      } finally {
        rmSync(bin, { recursive: true, force: true });
      }
    },
    20_000,
  );
});
