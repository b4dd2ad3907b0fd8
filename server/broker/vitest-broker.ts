import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { openEmbeddedBroker } from './embedded-broker.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Addresses of the cluster the Kafka tests share: `inject('brokers')`. */
    brokers: readonly string[];
  }
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Where the jars of the broker are kept in this checkout; tests that start a broker of their own use the same. */
export const JARS_DIR = fileURLToPath(new URL('../../.freshet/jars', import.meta.url));

/** Vitest's global set-up of the projects that need Kafka: `KAFKA_BROKERS` when given, else one embedded broker in a temporary folder. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['KAFKA_BROKERS'];
  if (given !== undefined && given !== '') {
    project.provide('brokers', given.split(','));
    return async () => {};
  }
  const dir = await mkdtemp(join(tmpdir(), 'freshet-kafka-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    const broker = await openEmbeddedBroker({ dir, jarsDir: JARS_DIR, logger: silent });
    project.provide('brokers', broker.brokers);
    return async () => {
      await broker.stop();
      await remove();
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
