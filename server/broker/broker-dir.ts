import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BrokerPorts } from './settings-files.ts';

const stateSchema = z.object({
  client: z.number().int(),
  controller: z.number().int(),
  /** Process id of the last node started here, to find one that outlived its parent. */
  pid: z.number().int().nullable(),
});

export interface BrokerState extends BrokerPorts {
  readonly pid: number | null;
}

/** The files of one embedded broker: `data/` is Kafka's, everything else is written anew at each start. */
export class BrokerDir {
  readonly data: string;
  readonly unfinishedData: string;
  readonly properties: string;
  readonly log4j: string;
  readonly log: string;
  readonly #dir: string;
  readonly #state: string;

  constructor(dir: string) {
    this.#dir = dir;
    this.data = join(dir, 'data');
    this.unfinishedData = join(dir, 'data.unfinished');
    this.properties = join(dir, 'server.properties');
    this.log4j = join(dir, 'log4j2.xml');
    this.log = join(dir, 'broker.log');
    this.#state = join(dir, 'broker.json');
  }

  async create(): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
  }

  /** Null before the first start, and when the file is not what we wrote. */
  async state(): Promise<BrokerState | null> {
    try {
      return stateSchema.parse(JSON.parse(await readFile(this.#state, 'utf8')));
    } catch {
      return null;
    }
  }

  async keepState(state: BrokerState): Promise<void> {
    const { client, controller, pid } = state;
    const next = `${this.#state}.next`;
    await writeFile(next, `${JSON.stringify({ client, controller, pid })}\n`);
    await rename(next, this.#state);
  }

  /** A log of the node about to start, so that its last lines are about this start. */
  async freshLog(): Promise<void> {
    await rename(this.log, `${this.log}.1`).catch(() => {}); // absent at the first start
    await rm(this.log, { force: true });
  }

  async lastLogLines(count: number): Promise<readonly string[]> {
    const text = await readFile(this.log, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-count);
  }
}
