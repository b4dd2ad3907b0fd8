import { randomBytes } from 'node:crypto';
import { access, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AppError } from '#lib/errors/app-error.ts';
import type { Logger } from '#server/ports/logger.ts';
import { BrokerDir } from './broker-dir.ts';
import { resolveBrokerJars } from './broker-jars.ts';
import { freePorts, isPortFree } from './free-ports.ts';
import { answersAsKafka } from './probe-kafka.ts';
import { runTool } from './run-tool.ts';
import { log4jSettings, serverProperties, type BrokerPorts } from './settings-files.ts';
import { startTethered, type TetheredProcess } from './tethered-process.ts';

/** Enough for the demo on two cores: ready in 1.8 s, 310 MB resident (measured with 4.2.1 on Java 17). */
const JVM_FLAGS = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const FORMAT_TIMEOUT_MS = 60_000;
/** A node that is told to stop gets this long before it is killed; Kafka recovers from either. */
const STOP_PATIENCE_MS = 3_000;
/** How long a node of an earlier run may take to die before we call it a second user of the folder. */
const PORT_PATIENCE_MS = 2_000;
const STALE_PATIENCE_MS = 5_000;
const PROBE_PAUSE_MS = 50;
const PORT_ATTEMPTS = 3;
const OWN_CLUSTER = 'Or set KAFKA_BROKERS to use a cluster of yours.';

export interface EmbeddedBrokerOptions {
  /** Folder of this node: ports, settings, log and Kafka's data. */
  readonly dir: string;
  /** Folder the jars are kept in, shared by all nodes of the project. */
  readonly jarsDir: string;
  readonly logger: Logger;
  /** Told before each step that takes time, in words for people. */
  readonly onProgress?: (step: string) => void;
  /** Longest wait for the node's first answer, default 30 s. */
  readonly startTimeoutMs?: number;
  /** An unpacked Kafka whose `libs` are used instead of Maven's. */
  readonly kafkaHome?: string;
  /** Its `bin/java` is used instead of the one on the path. */
  readonly javaHome?: string;
}

export interface EmbeddedBroker {
  readonly brokers: readonly string[];
  /** Process id of the JVM. */
  readonly pid: number;
  /** Signals the JVM: tests kill, freeze and continue it. */
  kill(signal: NodeJS.Signals): boolean;
  /** Ends it: SIGTERM, after 3 s SIGKILL. Resolves when the process is gone; may be called again. */
  stop(): Promise<void>;
  /** Resolves when the JVM is gone, for whatever reason. */
  readonly exited: Promise<{ readonly code: number | null }>;
}

/**
 * Starts the embedded Apache Kafka node of a folder, making the folder where there is none, and resolves once it answers (BR1). Data and ports
 * stay from start to start. Rejects with `broker/absent` or `broker/failed` and a sentence that names the fix.
 */
export async function openEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const { logger, onProgress = () => {}, startTimeoutMs = 30_000 } = options;
  if (process.platform === 'win32') {
    throw new AppError(
      'broker/absent',
      'The embedded Kafka broker does not run on Windows. Set KAFKA_BROKERS to a cluster of yours.',
    );
  }
  const dir = new BrokerDir(options.dir);
  await dir.create();
  await waitForStaleNode(dir, options.dir);
  const libs =
    options.kafkaHome === undefined
      ? await resolveBrokerJars({ jarsDir: options.jarsDir, pomFile: POM_FILE, onProgress })
      : join(options.kafkaHome, 'libs');
  const java = options.javaHome === undefined ? 'java' : join(options.javaHome, 'bin', 'java');
  const jvm = [
    ...JVM_FLAGS,
    `-Dlog4j2.configurationFile=${pathToFileURL(dir.log4j).href}`,
    '-cp',
    join(libs, '*'),
  ];
  await writeFile(dir.log4j, log4jSettings(dir.log));
  await format(dir, java, jvm, onProgress);

  onProgress('Starting the Kafka broker');
  for (let attempt = 1; ; attempt += 1) {
    const ports = await choosePorts(dir);
    await writeFile(dir.properties, serverProperties(dir.data, ports));
    await dir.freshLog();
    const node = await startTethered(java, [...jvm, 'kafka.Kafka', dir.properties]);
    await dir.keepState({ ...ports, pid: node.pid });
    const outcome = await firstAnswer(node, ports.client, startTimeoutMs);
    if (outcome === 'answers') {
      logger.info('broker:started', { port: ports.client, pid: node.pid });
      return handle(node, ports, logger);
    }
    node.kill('SIGKILL');
    await node.exited;
    const log = await dir.lastLogLines(20);
    const text = [...log, node.output()].join('\n');
    if (/Address already in use/.test(text) && attempt < PORT_ATTEMPTS) {
      await dir.keepState({ client: 0, controller: 0, pid: null });
      continue;
    }
    throw startFailure(outcome, text, { dir: options.dir, java, log, startTimeoutMs });
  }
}

const POM_FILE = fileURLToPath(new URL('../../pom.xml', import.meta.url));

async function choosePorts(dir: BrokerDir): Promise<BrokerPorts> {
  const kept = await dir.state();
  const wanted = [kept?.client ?? 0, kept?.controller ?? 0];
  const free = await Promise.all(wanted.map((port) => port > 0 && becomesFree(port)));
  const [client = 0, controller = 0] = await freePorts(2);
  return {
    client: free[0] === true ? (wanted[0] ?? client) : client,
    controller: free[1] === true ? (wanted[1] ?? controller) : controller,
  };
}

/** A node that was just killed holds its sockets a little longer than its name; moving would lose everybody who knows the address. */
async function becomesFree(port: number): Promise<boolean> {
  for (let waited = 0; waited <= PORT_PATIENCE_MS; waited += PROBE_PAUSE_MS) {
    if (await isPortFree(port)) return true;
    await pause(PROBE_PAUSE_MS);
  }
  return false;
}

/** Formats under another name and renames, so that a crash in between leaves nothing half formatted. */
async function format(
  dir: BrokerDir,
  java: string,
  jvm: readonly string[],
  onProgress: (step: string) => void,
): Promise<void> {
  const formatted = await access(join(dir.data, 'meta.properties')).then(
    () => true,
    () => false,
  );
  if (formatted) return;
  onProgress('Formatting the storage of the Kafka broker');
  await rm(dir.unfinishedData, { recursive: true, force: true });
  // Ports of no consequence: the endpoint written here is replaced at the first start.
  await writeFile(
    dir.properties,
    serverProperties(dir.unfinishedData, { client: 1, controller: 2 }),
  );
  await runTool({
    command: java,
    args: [
      ...jvm,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      newClusterId(),
      '-c',
      dir.properties,
      '--standalone',
    ],
    timeoutMs: FORMAT_TIMEOUT_MS,
    absent: `The embedded Kafka broker needs Java 17, and \`${java}\` was not found. Install Java 17 and Maven. ${OWN_CLUSTER}`,
    failed: `The storage of the embedded Kafka broker could not be formatted; it needs Java 17 or newer and room on the disk. ${OWN_CLUSTER}`,
  });
  await rename(dir.unfinishedData, dir.data);
}

/** 22 characters of URL-safe base64, as Kafka makes them: none begins with a dash, which the tool would take for an option. */
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}

/** A node that lost its parent is killed by its tether within moments; one that stays belongs to a second start on the same folder. */
async function waitForStaleNode(dir: BrokerDir, path: string): Promise<void> {
  const pid = (await dir.state())?.pid ?? null;
  if (pid === null) return;
  for (let waited = 0; await isNodeOf(pid, dir); waited += PROBE_PAUSE_MS) {
    if (waited >= STALE_PATIENCE_MS) {
      throw new AppError(
        'broker/failed',
        `The Kafka broker in ${path} is already running as process ${pid}. Stop the other Freshet that uses this folder, or end that process.`,
        { pid, dir: path },
      );
    }
    await pause(PROBE_PAUSE_MS);
  }
}

/** Process ids are used again: only a process that was started with our settings file counts. */
async function isNodeOf(pid: number, dir: BrokerDir): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // No /proc (macOS): Kafka's own lock on the folder decides.
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes(dir.properties);
}

async function firstAnswer(
  node: TetheredProcess,
  port: number,
  timeoutMs: number,
): Promise<'answers' | 'ended' | 'silent'> {
  const deadline = AbortSignal.timeout(timeoutMs);
  let ended = false;
  void node.exited.then(() => (ended = true));
  while (!deadline.aborted && !ended) {
    if (await answersAsKafka(port, 1_000)) return 'answers';
    await pause(PROBE_PAUSE_MS);
  }
  return ended ? 'ended' : 'silent';
}

function startFailure(
  outcome: 'ended' | 'silent',
  text: string,
  facts: { dir: string; java: string; log: readonly string[]; startTimeoutMs: number },
): AppError {
  const details = { ...facts, output: text.slice(-1_000) };
  if (/not found|No such file/.test(text) && facts.log.join('') === '') {
    return new AppError(
      'broker/absent',
      `The embedded Kafka broker needs Java 17, and \`${facts.java}\` could not be run. Install Java 17 and Maven. ${OWN_CLUSTER}`,
      details,
    );
  }
  if (/Failed to acquire lock/.test(text)) {
    return new AppError(
      'broker/failed',
      `Another Kafka process is using ${facts.dir}. Stop the other Freshet that uses this folder and start again.`,
      details,
    );
  }
  const what =
    outcome === 'ended'
      ? 'ended at once'
      : `did not answer within ${facts.startTimeoutMs / 1000} s`;
  return new AppError(
    'broker/failed',
    `The embedded Kafka broker ${what}; its log is ${join(facts.dir, 'broker.log')}. It needs Java 17 or newer and about 400 MB of memory. ${OWN_CLUSTER}`,
    details,
  );
}

function handle(node: TetheredProcess, ports: BrokerPorts, logger: Logger): EmbeddedBroker {
  let stopping: Promise<void> | null = null;
  void node.exited.then(({ code }) => {
    if (stopping === null) logger.error('broker:ended', { code, output: node.output() });
    else logger.info('broker:stopped', { code });
  });
  const end = async () => {
    node.kill('SIGTERM');
    node.kill('SIGCONT'); // a frozen one must wake up to end
    const patience = setTimeout(() => node.kill('SIGKILL'), STOP_PATIENCE_MS);
    await node.exited;
    clearTimeout(patience);
  };
  return {
    brokers: [`127.0.0.1:${ports.client}`],
    pid: node.pid,
    kill: node.kill,
    stop: () => (stopping ??= end()),
    exited: node.exited,
  };
}
