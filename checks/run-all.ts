import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from './find-chromium.ts';

/** Everything `npm test` runs, in this order. What is missing on the machine fails in the preflight and not after half an hour. */
interface Suite {
  readonly name: string;
  readonly what: string;
  readonly command: readonly string[];
  /** How its result is counted: a JSON report of a test runner, or the command as one check. */
  readonly report: 'vitest' | 'playwright' | 'command';
}

interface Count {
  readonly passed: number;
  readonly failed: number;
}

const vitest = (project: string): readonly string[] => ['vitest', 'run', '--project', project];

const SUITES: readonly Suite[] = [
  { name: 'types', what: 'TypeScript, strict', command: ['tsc', '-p', '.'], report: 'command' },
  {
    name: 'lint',
    what: 'ESLint with the import rule',
    command: ['eslint', '.', '--max-warnings', '0'],
    report: 'command',
  },
  {
    name: 'format',
    what: 'Prettier',
    command: ['prettier', '--check', '--log-level', 'warn', '.'],
    report: 'command',
  },
  {
    name: 'unused',
    what: 'unused files, exports and dependencies',
    command: ['knip'],
    report: 'command',
  },
  {
    name: 'fast',
    what: 'unit, property, view and contract tests without a broker',
    command: vitest('fast'),
    report: 'vitest',
  },
  {
    name: 'build',
    what: 'production build of the web app',
    command: ['next', 'build'],
    report: 'command',
  },
  {
    name: 'kafka',
    what: 'against a real Apache Kafka',
    command: vitest('kafka'),
    report: 'vitest',
  },
  {
    name: 'truth',
    what: 'every value against a batch computation, through crashes',
    command: vitest('truth'),
    report: 'vitest',
  },
  {
    name: 'browser',
    what: 'stories in a real Chromium, built app, real broker',
    command: ['playwright', 'test'],
    report: 'playwright',
  },
];

const say = (line: string) => process.stdout.write(`${line}\n`);
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

function preflight(): NodeJS.ProcessEnv {
  const chromium = ensureChromium(say);
  say(`preflight: Node ${process.version}, Chromium at ${chromium}`);
  return {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: '1',
    PLAYWRIGHT_CHROMIUM_PATH: chromium,
    FORCE_COLOR: '0',
  };
}

async function run(suite: Suite, env: NodeJS.ProcessEnv, folder: string): Promise<Count> {
  const file = join(folder, `${suite.name}.json`);
  const [tool = '', ...args] = suite.command;
  const reporters = {
    vitest: ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    playwright: ['--reporter=list,json'],
    command: [],
  }[suite.report];
  const child = spawn(tool, [...args, ...reporters], {
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: file },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (status) => resolve(status ?? 1));
  });
  const count = suite.report === 'command' ? null : readCount(file, suite.report);
  // A runner that failed without a failed test (a set-up that broke, an unhandled error) is a failure all the same.
  if (count === null || count.passed + count.failed === 0)
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

function readCount(file: string, report: 'vitest' | 'playwright'): Count | null {
  try {
    // The runners' own report formats (Vitest 4, Playwright 1.65).
    const json = JSON.parse(readFileSync(file, 'utf8')) as {
      numPassedTests?: number;
      numFailedTests?: number;
      stats?: { expected: number; unexpected: number; flaky: number };
    };
    if (report === 'vitest')
      return { passed: json.numPassedTests ?? 0, failed: json.numFailedTests ?? 0 };
    return {
      passed: json.stats?.expected ?? 0,
      failed: (json.stats?.unexpected ?? 0) + (json.stats?.flaky ?? 0),
    };
  } catch {
    return null;
  }
}

async function main(): Promise<number> {
  const only = process.argv.slice(2);
  const unknown = only.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    say(
      `Unknown suite ${unknown.join(', ')}. There are: ${SUITES.map(({ name }) => name).join(', ')}.`,
    );
    return 2;
  }
  const env = preflight();
  const folder = mkdtempSync(join(tmpdir(), 'freshet-test-'));
  const results: (Count & { readonly name: string; readonly ms: number })[] = [];
  try {
    for (const suite of SUITES) {
      if (only.length > 0 && !only.includes(suite.name)) continue;
      say(`\n== ${suite.name}: ${suite.what}`);
      const since = performance.now();
      const count = await run(suite, env, folder);
      const ms = performance.now() - since;
      results.push({ name: suite.name, ms, ...count });
      say(`== ${suite.name}: ${count.failed === 0 ? 'ok' : 'FAILED'} in ${seconds(ms)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say('\nsuite     passed  failed      time');
  for (const { name, passed, failed, ms } of results) {
    say(
      `${name.padEnd(9)} ${String(passed).padStart(6)}  ${String(failed).padStart(6)}  ${seconds(ms).padStart(8)}`,
    );
  }
  const passed = results.reduce((sum, count) => sum + count.passed, 0);
  const failed = results.reduce((sum, count) => sum + count.failed, 0);
  say(`\n${String(passed)} passed, ${String(failed)} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  return 1;
});
