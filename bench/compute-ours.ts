import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricProgressSchema } from '#lib/contracts/progress.ts';
import { planKey } from '#lib/contracts/plan.ts';
import { ownTopics, topicNames } from '#lib/contracts/topics.ts';
import { RecordCursor } from '#lib/log/record-cursor.ts';
import { ComputeService } from '#server/compute/compute-service.ts';
import { textOf } from '#server/records/record-text.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';
import { openCheckpointStore } from '#server/store/checkpoint-store.ts';
import { openCluster, silent } from './payments-log.ts';
import { paymentsPlans } from './payments-plans.ts';

/** Compute as it ships: CRC, exact sums, checkpoints on disk, values published. Prints wall and CPU time from start to drained. */
const [brokerText = '', topic = '', total = '0'] = process.argv.slice(2);
const cluster = openCluster(brokerText.split(','));
const topics = topicNames(`bench${randomUUID()}.`);
const plans = paymentsPlans(topic);
const catalog = await cluster.openCatalog();
await catalog.ensure(ownTopics(topics));
const writer = await cluster.openWriter();
await writer.append([
  {
    topic: topics.definitions,
    partition: 0,
    records: plans.map((plan) => ({ key: planKey(plan.metric), value: JSON.stringify(plan) })),
  },
]);
const dir = mkdtempSync(join(tmpdir(), 'freshet-bench-'));
const store = await openCheckpointStore({ file: join(dir, 'compute.db') });
const service = new ComputeService({
  cluster,
  store,
  clock: systemClock,
  logger: silent,
  topics,
  instance: 'bench',
  build: 'bench',
  failpoint: () => undefined,
});
const stop = new AbortController();
const since = performance.now();
const cpu = process.cpuUsage();
const running = service.run(stop.signal);

const finished = new Set<string>();
const reader = cluster.openReader();
reader.assign([{ topic: topics.progress, partition: 0, next: 0 }]);
const reading = new AbortController();
for await (const answer of reader.read(reading.signal)) {
  for (const part of answer.partitions) {
    for (const batch of part.batches) {
      const cursor = new RecordCursor(batch, part.asked);
      while (cursor.next()) {
        const progress = metricProgressSchema.parse(
          JSON.parse(textOf(cursor.bytes, cursor.valueStart, cursor.valueEnd) ?? ''),
        );
        if (progress.counts.read === Number(total) && progress.phase.kind === 'running')
          finished.add(progress.metric);
      }
    }
  }
  if (finished.size === plans.length) reading.abort();
}
const { user, system } = process.cpuUsage(cpu);
const result = {
  wallMs: performance.now() - since,
  cpuMs: (user + system) / 1_000,
  metrics: plans.length,
};
stop.abort();
await running;
await Promise.all([store.close(), writer.close(), catalog.close()]);
rmSync(dir, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
