import { spawn } from 'node:child_process';
import { access, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AppError } from '#lib/errors/app-error.ts';
import type { Clock } from '#lib/time/instant.ts';
import { buildIdOf, needsBuild } from '#server/http/build-age.ts';

export interface BuildOptions {
  /** Folder of the project. */
  readonly root: string;
  /** This process's environment, handed on to the build. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** A line for the terminal. */
  readonly onProgress: (line: string) => void;
  /** Ends the build; the promise rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

const CHILD = fileURLToPath(new URL('./next-build.ts', import.meta.url));
/** How often a process that finds another one building looks again. */
const LOOK_AGAIN_MS = 200;
/** Lines of a failed build that are shown: Next prints the reason last. */
const LAST_LINES = 25;

/**
 * Makes the production build of the pages when it is missing, older than its sources, or was interrupted (HT9). Two processes never build at once: the second
 * waits for the first. Throws `http/build-failed` with the build's last lines.
 */
export async function ensureBuild(options: BuildOptions): Promise<'present' | 'built'> {
  const { root, onProgress, signal } = options;
  const folder = join(root, 'node_modules', '.cache', 'freshet');
  // Left behind when a build dies on its way: what is under .next then is half of one, whatever its times say.
  const unfinished = join(folder, 'building');
  const outdated = async () => (await exists(unfinished)) || (await needsBuild(root));
  if (!(await outdated())) return 'present';
  await mkdir(folder, { recursive: true });
  const unlock = await lock(join(folder, 'build.lock'), onProgress, signal);
  try {
    if (!(await outdated())) return 'present'; // by whoever held the lock
    const startedAt = new Date(options.clock.now());
    await writeFile(unfinished, '');
    await runBuild(options);
    // Dated back to its start, so that a source saved while it ran makes it outdated.
    await utimes(buildIdOf(root), startedAt, startedAt);
    await rm(unfinished);
    return 'built';
  } finally {
    unlock();
  }
}

/** SQLite's file lock: the kernel lets go of it with the process, however that ends. */
async function lock(
  file: string,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<() => void> {
  for (let told = false; ; told = true) {
    const held = new DatabaseSync(file, { timeout: 0 });
    try {
      held.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      return () => held.close();
    } catch {
      held.close();
    }
    if (!told) onProgress('Another process is building the pages: waiting for it.');
    await pause(LOOK_AGAIN_MS, undefined, { signal });
  }
}

async function runBuild({ root, env, onProgress, signal }: BuildOptions): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [CHILD], {
    cwd: root,
    // Standard input stays open and is never written: its end is what tells the child that we are gone.
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1' },
  });
  const last: string[] = [];
  const onLine = (line: string) => {
    if (line.trim() === '') return;
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
    onProgress(line);
  };
  createInterface({ input: child.stdout }).on('line', onLine);
  createInterface({ input: child.stderr }).on('line', onLine);
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => signal.removeEventListener('abort', stop));
  signal.throwIfAborted();
  if (code !== 0 || !(await exists(buildIdOf(root))))
    throw new AppError(
      'http/build-failed',
      `The pages could not be built (next build, exit code ${code ?? 'none'}):\n${last.map((line) => `  ${line}`).join('\n')}`,
      { root },
    );
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
