import { ownTopics } from '#lib/contracts/topics.ts';
import type { MetricPlan } from '#lib/contracts/plan.ts';
import type { MetricValue } from '#lib/contracts/metric-record.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { ClusterClock } from '#lib/time/cluster-clock.ts';
import { keepAside } from '#server/compute/aside.ts';
import { Checkpointer } from '#server/compute/checkpointer.ts';
import type { ComputeParts } from '#server/compute/compute-parts.ts';
import { CutPublisher, type MetricPublication } from '#server/compute/cut-publisher.ts';
import { HopWatch } from '#server/compute/hop-watch.ts';
import { forgetTasks, markReplaced } from '#server/compute/forget-tasks.ts';
import { resendOpenWindows } from '#server/compute/resend.ts';
import { observeAcks } from '#server/compute/observe-acks.ts';
import { PartitionLists } from '#server/compute/partition-lists.ts';
import { PlanFollower } from '#server/compute/plan-follower.ts';
import { ProgressSender } from '#server/compute/progress-sender.ts';
import {
  newTasks,
  restoreTasks,
  type RestoredTask,
  type RetiredMetric,
} from '#server/compute/restore-tasks.ts';
import { TaskRunner } from '#server/compute/task-runner.ts';
import { ValueLog } from '#server/compute/value-log.ts';
import { withdrawRetired } from '#server/compute/withdraw-retired.ts';
import type { CellRow } from '#server/ports/checkpoint-store.ts';
import type { LogAcks, LogWriter } from '#server/ports/log-writer.ts';
import type { TopicCatalog } from '#server/ports/topic-catalog.ts';

/** The tools of one run of compute, opened and closed together. */
interface Tools {
  readonly catalog: TopicCatalog;
  readonly values: LogWriter;
  readonly progress: LogWriter;
  readonly log: ValueLog;
  readonly sender: ProgressSender;
}

/**
 * The built-in compute: definitions topic → tasks → metric topic and progress. One run restores, claims, catches up and goes on until `signal` aborts;
 * it rejects when it cannot go on, and running it again starts from the checkpoint (CP1).
 */
export class ComputeService {
  readonly #parts: ComputeParts;

  constructor(parts: Omit<ComputeParts, 'clusterClock'>) {
    this.#parts = { ...parts, clusterClock: new ClusterClock() };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { cluster, topics, clock, clusterClock, instance } = this.#parts;
    const catalog = await cluster.openCatalog();
    const values = await cluster.openWriter();
    const progress = await cluster.openWriter();
    try {
      await catalog.ensure(ownTopics(topics));
      const onAcks = (acks: LogAcks) => observeAcks(clusterClock, acks);
      const log = new ValueLog({ cluster, topic: topics.values, writer: values, instance, onAcks });
      const sender = new ProgressSender({
        writer: progress,
        topic: topics.progress,
        clock,
        onAcks,
      });
      await this.#follow({ catalog, values, progress, log, sender }, signal);
    } catch (error) {
      // Only now, when nothing of this run can save its state any more.
      if (error instanceof AppError && error.code === 'compute/log-replaced')
        await markReplaced(this.#parts.store, String(error.details['topic']));
      throw error;
    } finally {
      await Promise.allSettled([values.close(), progress.close(), catalog.close()]);
    }
  }

  /** Runs a generation of tasks for every set of plans; a change of plans ends one and starts the next from its checkpoint. */
  async #follow(tools: Tools, signal: AbortSignal): Promise<void> {
    const follower = new PlanFollower({
      cluster: this.#parts.cluster,
      topic: this.#parts.topics.definitions,
      logger: this.#parts.logger,
    });
    const stop = new AbortController();
    const all = AbortSignal.any([signal, stop.signal]);
    let current: { plans: ReadonlyMap<string, MetricPlan>; end: AbortController } | null = null;
    let wake: () => void = () => undefined;
    const changed = () => {
      current?.end.abort();
      wake();
    };
    const following = follower.run(tools.catalog, changed, all);
    const working = (async () => {
      await Promise.race([new Promise<void>((resolve) => (wake = resolve)), aborted(all)]);
      while (!all.aborted) {
        current = { plans: new Map(follower.plans), end: new AbortController() };
        await this.#work(current.plans, tools, AbortSignal.any([all, current.end.signal]));
      }
    })();
    try {
      await Promise.all([following, working]);
    } finally {
      stop.abort();
      await Promise.allSettled([following, working]);
    }
  }

  /** Restores or makes the tasks of these plans, claims their metrics and runs them until `signal` aborts. */
  async #work(
    plans: ReadonlyMap<string, MetricPlan>,
    tools: Tools,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, logger, failpoint } = this.#parts;
    const { log, catalog, sender } = tools;
    const restored = await restoreTasks(store, plans, logger);
    const covered = new Set(
      restored.tasks.flatMap(({ state }) =>
        state.metrics.map(({ program }) => program.plan.metric),
      ),
    );
    const missing = [...plans.values()].filter(({ metric }) => !covered.has(metric));
    const tasks = [...restored.tasks, ...newTasks(missing, new Set(await store.tasks()))];

    await this.#startLog(tasks, missing.length > 0 || restored.retired.length > 0, tools);
    const runners = tasks.map((task) => this.#runner(task, tools));
    const lists = new PartitionLists(this.#parts, catalog, runners);
    await lists.ask();
    logger.info('compute:restored', {
      tasks: tasks.length,
      metrics: plans.size,
      retired: restored.retired.length,
    });
    failpoint('compute/restoring');

    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const parts = [log.run(both)];
    try {
      const claiming = this.#claim(runners, restored.retired, tools, both);
      await Promise.race([claiming, ...parts]);
      if (!both.aborted) {
        logger.info('compute:resumed', unsentOf(runners));
        await withdrawRetired(restored.retired, this.#parts, tools.values, log, await claiming);
        await forgetTasks(store, new Set(tasks.map(({ id }) => id)));
        const checkpointer = new Checkpointer(store, log, () => runners);
        await checkpointer.save(rowsOf(restored.retired));
        parts.push(
          ...runners.map((runner) => runner.run(both)),
          checkpointer.run(both),
          sender.run(() => runners, both),
          lists.run(both),
          resendOpenWindows(runners, both),
        );
      }
      await Promise.all(parts);
    } finally {
      stop.abort();
      await Promise.allSettled(parts);
    }
  }

  /** Positions in the metric topic: where the oldest checkpoint stands, or the log's start for metrics that have none. */
  async #startLog(
    tasks: readonly RestoredTask[],
    fromStart: boolean,
    { log, catalog }: Tools,
  ): Promise<void> {
    const { topics } = this.#parts;
    const described = await catalog.describe([topics.values]);
    const [topic] = described.topics;
    const id = topic?.kind === 'present' ? topic.id : null;
    const ends = await catalog.ends(topics.values);
    log.start(
      ends.map(({ partition, start, end }) => {
        const saved = tasks.map(
          ({ header }) =>
            header?.values.find((v) => v.partition === partition && v.id === id)?.next ?? start,
        );
        const next = fromStart ? start : Math.min(end, ...saved);
        return { partition, next: Math.max(start, next), id };
      }),
    );
  }

  #runner(task: RestoredTask, tools: Tools): TaskRunner {
    const parts = this.#parts;
    const { state, header } = task;
    const publications = state.metrics.map((metric): MetricPublication => {
      const { plan } = metric.program;
      const saved = header?.metrics.find(
        (m) => m.plan.metric === plan.metric && m.plan.version === plan.version,
      );
      return {
        metric,
        generation: saved?.generation ?? 0,
        orphans: new Set(saved?.orphans),
        through: 0,
      };
    });
    const emitEveryMs = Math.min(...state.metrics.map(({ program }) => program.plan.emitEveryMs));
    const cuts = new CutPublisher(
      state,
      {
        publications,
        cut: header?.cut ?? 0,
        frontier: header?.frontier ?? null,
        floor: header?.floor ?? [],
      },
      parts,
      { log: tools.log, writer: tools.values, hops: new HopWatch(), emitEveryMs },
    );
    const replaced = header?.replaced === true;
    for (const publication of publications) {
      const { plan } = publication.metric.program;
      tools.log.register(plan.metric, plan.version, {
        found: (key: string, value: MetricValue | null) =>
          cuts.found(publication, key, replaced ? null : value),
      });
    }
    const aside = { writer: tools.progress, topic: parts.topics.invalid, stream: state.stream };
    const runner = new TaskRunner(task.id, state, cuts, parts, (notes, signal) =>
      keepAside(aside, notes, signal),
    );
    cuts.listSeenAt = () => runner.listSeenAt;
    cuts.onCut = () => tools.sender.ring();
    return runner;
  }

  async #claim(
    runners: readonly TaskRunner[],
    retired: readonly RetiredMetric[],
    { log, catalog }: Tools,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, number>> {
    const publications = runners.flatMap(({ cuts }) => cuts.publications);
    const held = publications.map(({ metric, generation }) => ({
      plan: metric.program.plan,
      generation,
    }));
    const wanted = [...held, ...retired].map(({ plan, generation }) => ({
      metric: plan.metric,
      version: plan.version,
      above: generation,
    }));
    const won = await log.claim(wanted, catalog, signal);
    for (const publication of publications) {
      const { metric, version } = publication.metric.program.plan;
      publication.generation = won.get(`${metric}|${version}`) ?? 0;
    }
    return won;
  }
}

/** What a start found unsent: values the checkpoint or the metric topic has beyond the other. */
const unsentOf = (runners: readonly TaskRunner[]) => ({
  dirty: runners.reduce(
    (sum, { state }) => sum + state.metrics.reduce((n, { dirty }) => n + dirty.size, 0),
    0,
  ),
  found: runners.reduce(
    (sum, { cuts }) => sum + cuts.publications.reduce((n, { orphans }) => n + orphans.size, 0),
    0,
  ),
  held: runners.filter(({ cuts }) => cuts.held).length,
});

/** Rows of retired metrics to delete once they are withdrawn, by task. */
const rowsOf = (retired: readonly RetiredMetric[]): ReadonlyMap<string, readonly CellRow[]> =>
  new Map(
    [...Map.groupBy(retired, ({ task }) => task)].map(([task, list]) => [
      task,
      list.flatMap(({ plan, keys }) =>
        keys.map((key) => ({ ...key, metric: plan.metric, version: plan.version, state: null })),
      ),
    ]),
  );

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
