import type { ClusterClock } from '#lib/time/cluster-clock.ts';
import type { LogAcks } from '#server/ports/log-writer.ts';

/** Every acknowledged append to a LogAppendTime topic measures the cluster's clock (SEMANTICS 4.4). */
export function observeAcks(clock: ClusterClock, { acks, sentAt, ackedAt }: LogAcks): void {
  for (const { appendedAt } of acks)
    if (appendedAt !== null) clock.observe(sentAt, ackedAt, appendedAt);
}
