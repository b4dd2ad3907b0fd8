import { metricPlanSchema, type MetricPlan } from '#lib/contracts/plan.ts';
import { RecordCursor } from '#lib/log/record-cursor.ts';
import { parseJson, textOf } from '#server/records/record-text.ts';
import type { Cluster } from '#server/ports/cluster.ts';
import type { Logger } from '#server/ports/logger.ts';
import type { TopicCatalog } from '#server/ports/topic-catalog.ts';

/**
 * What is to be computed: follows the definitions topic from its start (it is compacted and small). The topic is the only thing compute
 * knows of definitions, also in role `all` (ARCHITECTURE.md, Threads).
 */
export class PlanFollower {
  readonly plans = new Map<string, MetricPlan>();
  readonly #parts: { readonly cluster: Cluster; readonly topic: string; readonly logger: Logger };
  #next = 0;

  constructor(parts: { cluster: Cluster; topic: string; logger: Logger }) {
    this.#parts = parts;
  }

  /**
   * Calls `onChange` once when everything that was in the topic at the start is read, and after every later change.
   * Settles when `signal` aborts.
   */
  async run(catalog: TopicCatalog, onChange: () => void, signal: AbortSignal): Promise<void> {
    const { cluster, topic } = this.#parts;
    const [edge] = await catalog.ends(topic);
    const goal = edge?.end ?? 0;
    this.#next = edge?.start ?? 0;
    let ready = this.#next >= goal;
    if (ready) onChange();
    const reader = cluster.openReader();
    reader.assign([{ topic, partition: 0, next: this.#next }]);
    for await (const answer of reader.read(signal)) {
      let changed = false;
      for (const part of answer.partitions) {
        if (part.asked !== this.#next) continue;
        for (const batch of part.batches) {
          const cursor = new RecordCursor(batch, part.asked);
          while (cursor.next()) changed = this.#take(cursor) || changed;
        }
        this.#next = part.next;
        if (part.problem?.kind === 'out-of-range') {
          this.#next = part.problem.start;
          reader.assign([{ topic, partition: 0, next: this.#next }]);
        }
      }
      if (ready ? changed : this.#next >= goal) {
        ready = true;
        onChange();
      }
    }
  }

  #take(cursor: RecordCursor): boolean {
    const key = textOf(cursor.bytes, cursor.keyStart, cursor.keyEnd);
    const value = textOf(cursor.bytes, cursor.valueStart, cursor.valueEnd);
    if (!key?.startsWith('metric|')) return false;
    const metric = key.slice('metric|'.length);
    if (value === null) return this.plans.delete(metric);
    const plan = metricPlanSchema.safeParse(parseJson(value));
    if (!plan.success) {
      this.#parts.logger.error('compute:bad-plan', { key, offset: cursor.offset });
      return false;
    }
    const before = this.plans.get(metric);
    this.plans.set(metric, plan.data);
    return before?.version !== plan.data.version || before.emitEveryMs !== plan.data.emitEveryMs;
  }
}
