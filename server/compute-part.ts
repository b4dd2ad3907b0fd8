import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { topicNames } from '#lib/contracts/topics.ts';
import { ComputeService } from '#server/compute/compute-service.ts';
import type { Config } from '#server/config/load-config.ts';
import { KafkaCluster } from '#server/kafka/kafka-cluster.ts';
import { openFailpoint } from '#server/lifecycle/failpoint.ts';
import { supervise } from '#server/lifecycle/supervise.ts';
import { systemClock as clock } from '#server/lifecycle/system-clock.ts';
import { openCheckpointStore } from '#server/store/checkpoint-store.ts';
import { openLogger } from '#server/telemetry/open-logger.ts';

/** What compute needs to know; plain data, because it crosses to a worker thread. */
export type ComputeSettings = Pick<Config, 'dataDir' | 'prefix' | 'failpoint' | 'log'> & {
  readonly brokers: readonly string[];
  readonly build: string;
};

/**
 * Compute with everything it stands on, in this thread, until `signal` aborts. A lost cluster makes it start over from its checkpoint; it rejects with what
 * no new try can mend, being fenced above all.
 */
export async function runCompute(settings: ComputeSettings, signal: AbortSignal): Promise<void> {
  const { brokers, build, dataDir, failpoint, log, prefix } = settings;
  const instance = `compute-${randomUUID().slice(0, 8)}`;
  const logger = openLogger({ ...log, clock, facts: { role: 'compute', instance } });
  try {
    const store = await openCheckpointStore({
      file: join(dataDir, 'compute.db'),
      failAtCommit: failpoint?.name === 'store/committing' ? failpoint.at : null,
    });
    try {
      const kafka = { brokers, clientId: `freshet-${instance}` };
      const compute = new ComputeService({
        cluster: new KafkaCluster({ name: 'main', settings: kafka, clock, logger }),
        store,
        clock,
        logger,
        topics: topicNames(prefix),
        instance,
        build,
        failpoint: openFailpoint(failpoint),
      });
      await supervise('compute', (stop) => compute.run(stop), signal, { clock, logger });
    } finally {
      await store.close();
    }
  } finally {
    logger.close();
  }
}
