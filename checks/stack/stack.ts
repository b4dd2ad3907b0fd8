import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedBroker, type EmbeddedBroker } from '#server/broker/embedded-broker.ts';
import { freePorts } from '#server/broker/free-ports.ts';
import { JARS_DIR } from '#server/broker/vitest-broker.ts';
import { KafkaCluster } from '#server/kafka/kafka-cluster.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';
import type { LogWriter } from '#server/ports/log-writer.ts';
import { RoleProcess } from './role-process.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** An embedded Kafka that can be killed and brought back under its address. */
export class StackBroker {
  readonly #dir: string;
  #broker: EmbeddedBroker;

  private constructor(dir: string, broker: EmbeddedBroker) {
    this.#dir = dir;
    this.#broker = broker;
  }

  static async open(): Promise<StackBroker> {
    const dir = await mkdtemp(join(tmpdir(), 'freshet-stack-'));
    return new StackBroker(dir, await StackBroker.#start(dir));
  }

  static #start(dir: string): Promise<EmbeddedBroker> {
    return openEmbeddedBroker({ dir: join(dir, 'kafka'), jarsDir: JARS_DIR, logger: silent });
  }

  get brokers(): readonly string[] {
    return this.#broker.brokers;
  }

  /** The process itself, to be stopped and continued. */
  get pid(): number {
    return this.#broker.pid;
  }

  async kill(): Promise<void> {
    await this.#broker.kill('SIGKILL');
  }

  async restart(): Promise<void> {
    const before = this.brokers.join();
    this.#broker = await StackBroker.#start(this.#dir);
    if (this.brokers.join() !== before) throw new Error('Kafka came back under another address.');
  }

  async close(): Promise<void> {
    await this.#broker.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** Hub and compute as processes of their own over one broker, with topics of their own. */
export class Stack {
  readonly url: string;
  readonly prefix: string;
  readonly writer: LogWriter;
  readonly cluster: KafkaCluster;
  hub: RoleProcess;
  compute: RoleProcess;
  readonly #dir: string;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(parts: {
    dir: string;
    url: string;
    prefix: string;
    env: Record<string, string>;
    cluster: KafkaCluster;
    writer: LogWriter;
  }) {
    this.#dir = parts.dir;
    this.url = parts.url;
    this.prefix = parts.prefix;
    this.#env = parts.env;
    this.cluster = parts.cluster;
    this.writer = parts.writer;
    this.hub = this.#role('hub');
    this.compute = this.#role('compute');
  }

  /** Starts both roles; resolves when the hub listens and compute has claimed what there is. */
  static async open(brokers: readonly string[], id: string): Promise<Stack> {
    const dir = await mkdtemp(join(tmpdir(), 'freshet-roles-'));
    const [port = 0] = await freePorts(1);
    const cluster = new KafkaCluster({
      name: 'main',
      settings: { brokers, clientId: 'stack' },
      clock: systemClock,
      logger: silent,
      giveUpMs: 60_000,
    });
    const prefix = `e2e${id}.`;
    const env = { KAFKA_BROKERS: brokers.join(','), FRESHET_PREFIX: prefix, PORT: String(port) };
    const url = `http://127.0.0.1:${String(port)}`;
    const stack = new Stack({ dir, url, prefix, env, cluster, writer: await cluster.openWriter() });
    await stack.hubListens();
    await stack.compute.saw('compute:resumed');
    return stack;
  }

  async hubListens(): Promise<void> {
    const { hub } = this;
    await hub.until(
      () => hub.lines.some(({ text }) => String(text).includes(this.url)),
      'the hub listens',
    );
  }

  async restartHub(): Promise<void> {
    this.hub = this.#role('hub');
    await this.hubListens();
  }

  async restartCompute(): Promise<void> {
    this.compute = this.#role('compute');
    await this.compute.saw('compute:resumed');
  }

  async createTopic(topic: string, partitions: number): Promise<void> {
    const catalog = await this.cluster.openCatalog();
    await catalog.ensure([{ topic, partitions, config: { 'retention.ms': '-1' } }]);
    await catalog.close();
  }

  /** Applies definitions by REST and fails with the problems when they are refused. */
  async apply(text: string): Promise<void> {
    const reply = await fetch(`${this.url}/api/v1/definitions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ files: [{ name: 'stack.yaml', text }] }),
    });
    if (!reply.ok) throw new Error(`apply: ${String(reply.status)} ${await reply.text()}`);
  }

  /** Appends JSON records; resolves when Kafka has them. */
  async send(topic: string, partition: number, records: readonly object[]): Promise<void> {
    const list = records.map((record) => ({ key: null, value: JSON.stringify(record) }));
    await this.writer.append([{ topic, partition, records: list }]);
  }

  async close(): Promise<void> {
    // A stopped process takes no signal but this one.
    for (const role of [this.compute, this.hub]) role.signal('SIGCONT');
    await Promise.all([this.compute.end('SIGTERM'), this.hub.end('SIGTERM')]);
    await this.writer.close();
    await rm(this.#dir, { recursive: true, force: true });
  }

  #role(role: 'hub' | 'compute'): RoleProcess {
    return new RoleProcess(['start', '--role', role, '--with-parent'], {
      ...this.#env,
      FRESHET_DATA: join(this.#dir, role),
    });
  }
}
