import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '#lib/errors/app-error.ts';
import type { Clock } from '#lib/time/instant.ts';
import { BrokerDir } from '#server/broker/broker-dir.ts';
import { openEmbeddedBroker, type EmbeddedBroker } from '#server/broker/embedded-broker.ts';
import { answersAsKafka } from '#server/broker/probe-kafka.ts';
import type { Config } from '#server/config/load-config.ts';
import { supervise } from '#server/lifecycle/supervise.ts';
import type { Logger } from '#server/ports/logger.ts';

const PROBE_MS = 2_000;

/** The jars belong to the checkout, not to the data: starting over keeps them, and several data folders share them. */
const JARS_DIR = fileURLToPath(new URL('../.freshet/jars', import.meta.url));

const brokerDir = (config: Config): string => join(config.dataDir, 'kafka');

export interface KeptBroker {
  readonly brokers: readonly string[];
  /** Waits for the node and starts it again whenever it ends; until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Ends the node. */
  stop(): Promise<void>;
}

interface Options {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onProgress: (doing: string) => void;
  /** Told in words for people when the node ended, and when it is back. */
  readonly onNote: (text: string) => void;
}

/** Starts the embedded Kafka of the data folder and keeps it running (LC1, BR8). */
export async function keepBroker(options: Options): Promise<KeptBroker> {
  const { config, clock, logger, onProgress, onNote } = options;
  const open = (report: (doing: string) => void) =>
    openEmbeddedBroker({
      dir: brokerDir(config),
      jarsDir: JARS_DIR,
      logger,
      onProgress: report,
      ...(config.kafkaHome === null ? {} : { kafkaHome: config.kafkaHome }),
      ...(config.javaHome === null ? {} : { javaHome: config.javaHome }),
    });
  let node: EmbeddedBroker | null = await open(onProgress);
  let stopping = false;
  /** Final: everything that runs knows the old address only. */
  let moved = false;
  const { brokers } = node;

  const once = async (signal: AbortSignal) => {
    if (node === null) {
      node = await open(() => {});
      if (stopping) await node.stop();
      onNote(`Kafka is back on ${node.brokers.join(', ')}.`);
      if (node.brokers.join() !== brokers.join()) {
        moved = true;
        throw new AppError(
          'broker/failed',
          `Kafka had to move from ${brokers.join()} to ${node.brokers.join()}, because another program took its port. Stop Freshet and start it again.`,
        );
      }
    }
    const aborted = new Promise<null>((resolve) => {
      signal.addEventListener('abort', () => resolve(null), { once: true });
      if (signal.aborted) resolve(null);
    });
    const ended = await Promise.race([node.exited, aborted]);
    if (ended === null) return;
    node = null;
    throw new AppError('broker/failed', `Kafka ended with code ${ended.code ?? 'unknown'}.`);
  };

  return {
    brokers,
    run: (signal) =>
      supervise('broker', once, signal, {
        clock,
        logger,
        mayRestart: () => !moved,
        onRestart: (error) => {
          const reason = error instanceof AppError ? error.message : 'Kafka ended.';
          onNote(`${reason} Starting it again …`);
        },
      }),
    stop: async () => {
      stopping = true;
      await node?.stop();
    },
  };
}

/** Address of an embedded Kafka that another process runs in the same data folder. Throws `broker/absent` when none answers there. */
export async function findBroker(config: Config): Promise<readonly string[]> {
  const state = await new BrokerDir(brokerDir(config)).state();
  if (state !== null && state.client > 0 && (await answersAsKafka(state.client, PROBE_MS)))
    return [`127.0.0.1:${state.client}`];
  throw new AppError(
    'broker/absent',
    `A role of its own needs a Kafka that runs already, and none answers for the data in ${config.dataDir}. Set KAFKA_BROKERS, or start \`npx freshet start\` without --role.`,
  );
}
