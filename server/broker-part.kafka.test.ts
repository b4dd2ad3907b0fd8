import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepBroker } from '#server/broker-part.ts';
import { isRunning } from '#server/broker/fixtures/is-running.ts';
import { answersAsKafka } from '#server/broker/probe-kafka.ts';
import { loadConfig } from '#server/config/load-config.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';
import { SilentLogger } from '#server/memory/silent-logger.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'freshet-kept-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('[BR8] a node that was killed comes back on the same address, and both is said', async () => {
  const notes: string[] = [];
  const logger = new SilentLogger();
  const kept = await keepBroker({
    config: loadConfig({ FRESHET_DATA: dir }, dir),
    clock: systemClock,
    logger,
    onProgress: () => undefined,
    onNote: (text) => notes.push(text),
  });
  const stop = new AbortController();
  const running = kept.run(stop.signal);
  try {
    const pid = async () =>
      (JSON.parse(await readFile(join(dir, 'kafka', 'broker.json'), 'utf8')) as { pid: number })
        .pid;
    const killed = await pid();
    const [address = ''] = kept.brokers;
    const port = Number(address.split(':')[1]);
    expect(await answersAsKafka(port, 1_000)).toBe(true);
    expect(notes).toEqual([]);

    process.kill(killed, 'SIGKILL');
    await vi.waitFor(() => expect(notes).toHaveLength(2), { timeout: 20_000, interval: 50 });
    expect(notes).toEqual([
      'Kafka ended with code 137. Starting it again …',
      `Kafka is back on ${address}.`,
    ]);
    expect(await answersAsKafka(port, 1_000)).toBe(true);
    expect(await pid()).not.toBe(killed);
    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        event: 'part:restart',
        facts: expect.objectContaining({ part: 'broker', code: 'broker/failed' }) as unknown,
      }),
    );
  } finally {
    stop.abort();
    await running;
    await kept.stop();
  }
  const { pid } = JSON.parse(await readFile(join(dir, 'kafka', 'broker.json'), 'utf8')) as {
    pid: number;
  };
  expect(isRunning(pid)).toBe(false);
  expect(notes).toHaveLength(2);
});
