import { AppError, isRetryable } from '#lib/errors/app-error.ts';
import { PartitionState } from '#lib/engine/partition-state.ts';
import type { ComputeParts } from '#server/compute/compute-parts.ts';
import type { TaskRunner } from '#server/compute/task-runner.ts';
import { pause } from '#server/lifecycle/pause.ts';
import type { TopicCatalog, TopicDescription } from '#server/ports/topic-catalog.ts';

/** How often the lists are asked for (SEMANTICS 1.5). */
const EVERY_MS = 500;

type PresentTopic = Extract<TopicDescription, { kind: 'present' }>;

/**
 * The partition lists of the source topics: an input like any other. New partitions are read from their start, and the send instant of
 * the last good answer bounds the frontier (SEMANTICS 1.5, CP10).
 */
export class PartitionLists {
  readonly #parts: ComputeParts;
  readonly #catalog: TopicCatalog;
  readonly #runners: readonly TaskRunner[];

  constructor(parts: ComputeParts, catalog: TopicCatalog, runners: readonly TaskRunner[]) {
    this.#parts = parts;
    this.#catalog = catalog;
    this.#runners = runners;
  }

  /** Asks again and again until `signal` aborts; a list that cannot be had only lets the frontier stand still. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.ask();
      } catch (error) {
        if (!isRetryable(error) || error.code === 'compute/log-replaced') throw error;
        this.#parts.logger.debug('compute:list-failed', { code: error.code });
      }
      await pause(EVERY_MS, signal);
    }
  }

  /** Asks once. Rejects with `compute/log-replaced` when a topic is another one than its state was computed from (SEMANTICS 1.1). */
  async ask(): Promise<void> {
    const names = [...new Set(this.#runners.map(({ state }) => state.stream.topic))];
    if (names.length === 0) return;
    const { sentAt, topics } = await this.#catalog.describe(names);
    for (const runner of this.#runners) {
      const topic = topics.find((t) => t.topic === runner.state.stream.topic);
      runner.topicIsMissing = topic?.kind !== 'present';
      if (topic?.kind !== 'present') continue;
      await this.#addPartitions(runner, topic);
      runner.listSeenAt = this.#parts.clusterClock.earliest(sentAt) ?? runner.listSeenAt;
      runner.cuts.consider();
    }
  }

  async #addPartitions(runner: TaskRunner, topic: PresentTopic): Promise<void> {
    const { state } = runner;
    const known = [...state.partitions.values()];
    if (known.some(({ id }) => id !== null && topic.id !== null && id !== topic.id)) {
      throw new AppError(
        'compute/log-replaced',
        `Topic ${topic.topic} was deleted and created again. Its metrics are computed anew from its start.`,
        { topic: topic.topic },
      );
    }
    const fresh = topic.partitions.filter(
      ({ partition }) => !known.some((p) => p.partition === partition),
    );
    if (fresh.length === 0) return;
    const start = state.metrics[0]?.program.plan.closure.start ?? 'earliest';
    const { clock, clusterClock } = this.#parts;
    const now = clusterClock.read(clock.monotonic())?.at ?? clock.now();
    const ends = await this.#catalog.ends(topic.topic);
    for (const { partition } of fresh) {
      const edge = ends.find((e) => e.partition === partition);
      // `now` speaks of the topic as it was found first: a partition that appears later is wholly new.
      const next = start === 'now' && known.length === 0 ? edge?.end : edge?.start;
      const startAt = typeof start === 'number' ? now - start : null;
      const at = { topic: topic.topic, partition, id: topic.id, next: next ?? 0, startAt };
      runner.addPartition(PartitionState.fresh(at, state.stream.aheadMs));
    }
  }
}
