import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { ownTopics, topicNames } from '#lib/contracts/topics.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { findBroker, keepBroker } from '#server/broker-part.ts';
import type { CommandContext } from '#server/cli/command-context.ts';
import { EXIT, exitCodeOf } from '#server/cli/exit-code.ts';
import { Steps } from '#server/cli/steps.ts';
import { runCompute, type ComputeSettings } from '#server/compute-part.ts';
import type { Config } from '#server/config/load-config.ts';
import { applyExamples, refuseExternal, startShop } from '#server/demo-part.ts';
import { clearData } from '#server/demo/clear-data.ts';
import { SHOP_TOPICS } from '#server/demo/shop-topics.ts';
import { listen } from '#server/http/listen.ts';
import { buildPages, openHubPart, serveHub } from '#server/hub-part.ts';
import { KafkaCluster } from '#server/kafka/kafka-cluster.ts';
import { endWithParent } from '#server/lifecycle/end-with-parent.ts';
import { holdFolder } from '#server/lifecycle/folder-lock.ts';
import { Parts } from '#server/lifecycle/parts.ts';
import { rotateFile } from '#server/lifecycle/rotate-file.ts';
import { listenForStop } from '#server/lifecycle/stop-signals.ts';
import { supervise } from '#server/lifecycle/supervise.ts';
import { runWorker } from '#server/lifecycle/worker-thread.ts';
import { openLogger } from '#server/telemetry/open-logger.ts';
import type { World } from '#server/world.ts';

export type Role = 'all' | 'hub' | 'compute';

export interface StartRequest {
  readonly config: Config;
  readonly context: CommandContext;
  readonly role: Role;
  /** End when standard input ends: for a child that must not outlive its parent. */
  readonly withParent: boolean;
  /** Compile the pages on request and reload them on change. */
  readonly dev: boolean;
  readonly version: string;
  /** Null: no embedded shop, no examples, no progress on the terminal. */
  readonly demo: {
    readonly fresh: boolean;
    /** Events per second. */
    readonly rate: number;
    readonly allowExternal: boolean;
  } | null;
}

/** A demo keeps its log to look at afterwards; it starts a new one past this. */
const LOG_BYTES = 10 * 1024 * 1024;

/** Composes and runs a role until it is told to stop or a part fails for good; resolves with the exit code, everything stopped (LC3, LC4). */
export async function start(request: StartRequest): Promise<number> {
  const { config, context, demo, role, withParent, version } = request;
  const { clock, terminal } = context;
  const stop = listenForStop(process, (code) => process.exit(code), clock);
  const ended = new AbortController();
  if (withParent) endWithParent(process.stdin, () => ended.abort());
  const signal = AbortSignal.any([stop.signal, ended.signal]);

  const file =
    config.log.file ?? (demo === null ? null : join(config.dataDir, 'logs', 'freshet.log'));
  const instance = `${role}-${randomUUID().slice(0, 8)}`;
  let logger = null;
  let parts = null;
  const steps = new Steps(demo === null ? { ...terminal, err: () => {} } : terminal, clock);
  try {
    const lock = role === 'compute' ? null : holdFolder(config.dataDir); // compute's own store is locked by itself
    if (demo?.fresh === true) clearData(config.dataDir);
    if (file !== null) rotateFile(file, LOG_BYTES);
    logger = openLogger({ ...config.log, file, clock, facts: { role, instance } });
    parts = new Parts(clock, logger);
    if (lock !== null) parts.add('folder', () => lock.release());
    logger.info('process:started', { version, node: process.version, pid: process.pid });

    const world: World = {
      config: { ...config, log: { ...config.log, file } },
      clock,
      logger,
      parts,
      steps,
      version,
      build: config.build ?? version,
      instance,
    };
    const running = role === 'compute' ? startCompute(world) : startHub(world, request, signal);
    await Promise.race([running, parts.failure, aborted(signal)]);
    await Promise.race([parts.failure, aborted(signal)]);
    return EXIT.done;
  } catch (error) {
    logger?.error('process:failed', { error });
    if (!(error instanceof AppError)) throw error;
    terminal.err(`${error.message}\n`);
    return exitCodeOf(error);
  } finally {
    if (demo !== null && signal.aborted) steps.note('Stopping …');
    await parts?.stop();
    logger?.info('process:stopped');
    logger?.close();
    stop.release();
  }
}

/** Roles `all` and `hub`: Kafka, topics, store and definitions, compute, the hub, and in a demo the shop. */
async function startHub(
  world: World,
  { role, demo, dev, context }: StartRequest,
  signal: AbortSignal,
): Promise<void> {
  const { config, clock, logger, steps } = world;
  if (demo !== null) refuseExternal(config, demo.allowExternal);
  await refuseTakenPort(config);

  const brokers = await startBroker(world, role);
  const kafka = { brokers, clientId: `freshet-${world.instance}` };
  const cluster = new KafkaCluster({ name: 'main', settings: kafka, clock, logger });

  await steps.step('Creating topics', async () => {
    const catalog = await cluster.openCatalog();
    try {
      const own = ownTopics(topicNames(config.prefix));
      const created = await catalog.ensure(demo === null ? own : [...own, ...SHOP_TOPICS]);
      return created.length === 0 ? 'Topics are there' : `Topics created: ${created.length}`;
    } finally {
      await catalog.close();
    }
  });

  if (!dev) await buildPages(world, context.env, signal);
  const hub = await openHubPart(world, cluster);
  if (demo !== null)
    await steps.step('Applying the examples', () => applyExamples(hub.definitions));
  if (role === 'all')
    await steps.step('Starting compute', async () => {
      startComputeThread(world, brokers);
      return 'Compute in a thread of its own';
    });
  const shop = demo === null ? null : await startShop(world, brokers, demo.rate);
  const about = { brokers: [...brokers], role: roleShown(role), demo: demo !== null };
  const url = await serveHub(world, hub, { about, shop, dev });
  if (shop !== null)
    await steps.step('Opening the shop', async () => {
      await shop.ready;
      return `The shop sends ${demo?.rate} events per second, more by day and less by night`;
    });
  if (demo === null) context.terminal.out(`Freshet is on ${url}\n`);
  else steps.note(`\n  ${url}/boards/shop\n\n  Ctrl-C stops everything.`);
}

const roleShown = (role: Role): 'all' | 'hub' => (role === 'hub' ? 'hub' : 'all');

/** Brokers to use: the given ones, those of another process for a role of its own, else the embedded Kafka, which this process then keeps. */
async function startBroker(world: World, role: Role): Promise<readonly string[]> {
  const { config, parts, steps } = world;
  if (config.brokers !== null) return config.brokers;
  if (role === 'hub') return findBroker(config);
  let brokers: readonly string[] = [];
  await steps.step('Starting Kafka', async (onProgress) => {
    const broker = await keepBroker({ ...world, onProgress, onNote: (text) => steps.note(text) });
    brokers = broker.brokers;
    parts.add('kafka', () => broker.stop());
    parts.run('kafka-watch', (signal) => broker.run(signal));
    return `Kafka on ${brokers.join(', ')}`;
  });
  return brokers;
}

/** Role `compute`: the same code as in the thread, in this process; being fenced ends it. */
async function startCompute(world: World): Promise<void> {
  const brokers = world.config.brokers ?? (await findBroker(world.config));
  world.parts.run('compute', (signal) => runCompute(settingsOf(world, brokers), signal));
}

/** Role `all`: a crash of the thread is followed by a new one; a computer that was fenced stays stopped, and the hub goes on. */
function startComputeThread(world: World, brokers: readonly string[]): void {
  const { clock, logger, parts, steps } = world;
  const url = new URL('./compute-main.ts', import.meta.url);
  const settings = settingsOf(world, brokers);
  parts.run('compute', async (signal) => {
    try {
      const run = (stop: AbortSignal) => runWorker(url, settings, stop);
      await supervise('compute-thread', run, signal, { clock, logger });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'compute/fenced') throw error;
      logger.error('compute:fenced', { reason: error.message });
      steps.note(error.message);
    }
  });
}

const settingsOf = ({ config, build }: World, brokers: readonly string[]): ComputeSettings => {
  const { dataDir, prefix, failpoint, log } = config;
  return { brokers, build, dataDir, prefix, failpoint, log };
};

/** A port that was asked for and is taken is said before anything else is started. */
async function refuseTakenPort({ http: { host, port } }: Config): Promise<void> {
  if (port === null || port === 0) return;
  const probe = createServer();
  await listen(probe, { host, port, strictPort: true });
  await new Promise((resolve) => probe.close(resolve));
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
