import { epochMs } from '#lib/time/instant.ts';
import type { ComputeParts } from '#server/compute/compute-parts.ts';
import type { RetiredMetric } from '#server/compute/restore-tasks.ts';
import type { ValueLog } from '#server/compute/value-log.ts';
import { withdrawalRecord } from '#server/compute/value-records.ts';
import type { LogWriter } from '#server/ports/log-writer.ts';

/** Withdrawals per append: small records, far below the broker's size limit. */
const CHUNK = 500;

/**
 * Takes back every value of metric versions nobody asks for any more (SEMANTICS 3.4); done again after a crash, which
 * changes nothing. Their versions have been claimed like any other: a withdrawal without the claim would be fenced.
 */
export async function withdrawRetired(
  retired: readonly RetiredMetric[],
  { clock, clusterClock, instance, build, topics }: ComputeParts,
  writer: LogWriter,
  log: ValueLog,
  generations: ReadonlyMap<string, number>,
): Promise<void> {
  for (const { plan, keys } of retired) {
    const generation = generations.get(`${plan.metric}|${plan.version}`) ?? 0;
    const partition = log.partitionOf(plan.metric, plan.version);
    const named = { name: plan.metric, version: plan.version, sizeMs: plan.closure.window.sizeMs };
    for (let i = 0; i < keys.length; i += CHUNK) {
      const now = clusterClock.read(clock.monotonic());
      const cut = {
        generation,
        instance,
        build,
        frontier: null,
        closing: null,
        inputs: '{}',
        emittedAt: now === null ? null : epochMs(now.at),
        isPartial: false,
      };
      const records = keys.slice(i, i + CHUNK).map((at) => withdrawalRecord(named, at, cut));
      const { acks } = await writer.append([{ topic: topics.values, partition, records }]);
      for (const { baseOffset } of acks) log.acknowledged(partition, baseOffset, records.length);
    }
  }
}
