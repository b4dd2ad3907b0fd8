import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from '@playwright/test';
import { BoardPage } from '../pages/board-page.ts';

/** A demo as people start it, in a data folder of its own. */
class Demo {
  output = '';
  readonly #child: ChildProcess;
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
    const env = { ...process.env, FRESHET_DATA: dir, PORT: '0', KAFKA_BROKERS: '' };
    this.#child = spawn(process.execPath, ['server/freshet.js', 'demo'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.output += text.toString('utf8');
      });
    }
  }

  async url(): Promise<string> {
    await expect.poll(() => this.output, { timeout: 90_000 }).toMatch(/\/boards\/shop/);
    return /(http:\/\/[^\s/]+)\/boards\/shop/.exec(this.output)?.[1] ?? '';
  }

  async end(signal: NodeJS.Signals): Promise<number> {
    const since = performance.now();
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill(signal);
    await gone;
    return performance.now() - since;
  }

  /** Processes whose command line or environment names this demo's folder. */
  left(): readonly string[] {
    return readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
      .flatMap((pid) => {
        try {
          const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
          const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
          const ours =
            command.includes(this.#dir) || environment.includes(`FRESHET_DATA=${this.#dir}`);
          return ours && command !== '' ? [`${pid} ${command}`] : [];
        } catch {
          // It ended while we looked.
          return [];
        }
      });
  }
}

const test = base.extend<{ readonly dir: string }>({
  dir: async ({}, use) => {
    const dir = await mkdtemp(join(tmpdir(), 'freshet-demo-'));
    await use(dir);
    await rm(dir, { recursive: true, force: true });
  },
});

test('[DM3] one command brings up Kafka, shop, compute and board; it goes on after a stop; nothing is left behind, also after SIGKILL', async ({
  dir,
  page,
}) => {
  test.setTimeout(240_000);
  const first = new Demo(dir);
  const board = new BoardPage(page, await first.url());
  await board.open('shop');
  await expect
    .poll(() => page.locator('section[role=region][data-state=live]').count(), { timeout: 60_000 })
    .toBeGreaterThanOrEqual(8);
  await expect
    .poll(
      () => page.locator('[data-state=late], [data-state=stale], [data-state=unknown]').count(),
      { timeout: 30_000 },
    )
    .toBe(0);
  const ids = async (url: string) => {
    const reply = await fetch(`${url}/api/v1/metrics/orders_per_minute/freshness`);
    return (await reply.json()) as { counts: { read: number; duplicate: number } };
  };
  const before = await ids(await first.url());
  expect(before.counts.read).toBeGreaterThan(0);
  await page.goto('about:blank');
  expect(await first.end('SIGINT'), 'Ctrl-C ends everything within 5 s').toBeLessThan(5_000);
  expect(first.left()).toEqual([]);

  const second = new Demo(dir);
  const again = new BoardPage(page, await second.url());
  await again.open('shop');
  await expect
    .poll(async () => (await ids(await second.url())).counts.read, { timeout: 30_000 })
    .toBeGreaterThan(before.counts.read);
  await expect
    .poll(() => page.locator('section[role=region][data-state=live]').count(), { timeout: 60_000 })
    .toBeGreaterThanOrEqual(8);
  await page.goto('about:blank');
  await second.end('SIGKILL');
  await expect.poll(() => second.left(), { timeout: 10_000 }).toEqual([]);
});
