import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SilentLogger } from '#server/memory/silent-logger.ts';
import { openEmbeddedBroker, type EmbeddedBrokerOptions } from './embedded-broker.ts';
import { isRunning } from './fixtures/is-running.ts';
import { answersAsKafka } from './probe-kafka.ts';
import { JARS_DIR } from './vitest-broker.ts';

const HOLD_BROKER = fileURLToPath(new URL('./fixtures/hold-broker.ts', import.meta.url));

const portOf = (brokers: readonly string[]) => Number(brokers[0]?.split(':')[1]);
const occupy = (port: number) =>
  new Promise<Server>((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve(server));
  });

describe('the embedded broker', () => {
  let dir: string;
  const steps: string[] = [];
  const open = (over: Partial<EmbeddedBrokerOptions> = {}) =>
    openEmbeddedBroker({
      dir,
      jarsDir: JARS_DIR,
      logger: new SilentLogger(),
      onProgress: (step) => steps.push(step),
      ...over,
    });
  const clusterId = async () =>
    /cluster\.id=(.+)/.exec(await readFile(join(dir, 'data', 'meta.properties'), 'utf8'))?.[1];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'freshet broker '));
    steps.length = 0;
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  test('[BR1] [BR6] is formatted once, answers when opened, keeps ports and data from start to start, and refuses a second start meanwhile', async () => {
    const first = await open();
    const port = portOf(first.brokers);
    expect(await answersAsKafka(port, 1_000)).toBe(true);
    const id = await clusterId();
    await first.stop();
    expect(isRunning(first.pid)).toBe(false);
    expect(steps).toEqual([
      'Formatting the storage of the Kafka broker',
      'Starting the Kafka broker',
    ]);

    steps.length = 0;
    const second = await open();
    expect(second.brokers).toEqual(first.brokers);
    expect(await clusterId()).toBe(id);
    expect(steps).toEqual(['Starting the Kafka broker']);

    await expect(open()).rejects.toMatchObject({
      code: 'broker/failed',
      message: expect.stringContaining(`already running as process ${second.pid}`),
    });
    await second.stop();

    const taken = await occupy(port);
    const third = await open();
    expect(portOf(third.brokers)).not.toBe(port);
    expect(await clusterId()).toBe(id);
    taken.close();
    const stoppedAt = performance.now();
    await third.stop();
    expect(performance.now() - stoppedAt).toBeLessThan(4_000);
  });

  test('[BR3] [BR5] does not outlive a parent that was killed, its folder opens again at once, and an end nobody asked for is logged', async () => {
    const parent = spawn(process.execPath, [HOLD_BROKER, dir, JARS_DIR], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => {
      createInterface({ input: parent.stdout }).once('line', (line) => resolve(Number(line)));
    });
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    const logger = new SilentLogger();
    const again = await open({ logger });
    expect(isRunning(pid)).toBe(false);

    again.kill('SIGKILL');
    expect(await again.exited).toEqual({ code: 128 + 9 });
    const ended = expect.objectContaining({ level: 'error', event: 'broker:ended' });
    await vi.waitFor(() => expect(logger.lines).toContainEqual(ended));
    await again.stop();
  });

  test('[BR7] one that does not answer in its time is ended, and the error has the last lines of its log', async () => {
    await expect(open({ startTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'broker/failed',
      message: expect.stringMatching(/did not answer within 0\.3 s.*KAFKA_BROKERS/),
      details: { log: expect.any(Array) },
    });
    const { pid } = JSON.parse(await readFile(join(dir, 'broker.json'), 'utf8'));
    expect(isRunning(pid)).toBe(false);
  });

  test('[BR7] without Java the sentence says what to install, or which setting to use instead', async () => {
    await expect(open({ javaHome: '/nowhere' })).rejects.toMatchObject({
      code: 'broker/absent',
      message: expect.stringMatching(/Install Java 17.*KAFKA_BROKERS/),
    });
  });
});
