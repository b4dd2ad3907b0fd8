import { metricValueSchema, type MetricValue } from '#lib/contracts/metric-record.ts';
import { RecordCursor } from '#lib/log/record-cursor.ts';
import { textOf } from '#server/records/record-text.ts';
import type { Cluster } from '#server/ports/cluster.ts';

/** Every record of the values topic as it was written, taped while the test runs, so that compaction hides none. */
export class ValueTape {
  readonly values: {
    readonly key: string;
    readonly partition: number;
    readonly offset: number;
    readonly value: MetricValue;
  }[] = [];
  readonly next = new Map<number, number>();
  /** Computers that published something. */
  readonly instances = new Set<string>();

  async run(
    cluster: Cluster,
    topic: string,
    partitions: number,
    signal: AbortSignal,
  ): Promise<void> {
    const reader = cluster.openReader();
    reader.assign(
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition, next: 0 })),
    );
    for await (const answer of reader.read(signal)) {
      for (const part of answer.partitions) {
        if (part.problem) throw new Error(`values-${String(part.partition)}: ${part.problem.kind}`);
        for (const batch of part.batches) {
          const cursor = new RecordCursor(batch, part.asked);
          while (cursor.next()) {
            const key = textOf(cursor.bytes, cursor.keyStart, cursor.keyEnd) ?? '';
            const text = textOf(cursor.bytes, cursor.valueStart, cursor.valueEnd);
            if (text === null || key.endsWith('|claim')) continue;
            const value = metricValueSchema.parse(JSON.parse(text));
            this.instances.add(value.instance ?? '');
            this.values.push({ key, partition: part.partition, offset: cursor.offset, value });
          }
        }
        this.next.set(part.partition, part.next);
      }
    }
  }
}
