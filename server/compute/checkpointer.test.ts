import { afterEach, beforeEach, expect, test } from 'vitest';
import { topicNames } from '#lib/contracts/topics.ts';
import { foldDrain } from '#lib/engine/drain.ts';
import { compileMetric } from '#lib/engine/metric-program.ts';
import { MetricState } from '#lib/engine/metric-state.ts';
import { PartitionState } from '#lib/engine/partition-state.ts';
import { TaskState } from '#lib/engine/task-state.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { planFor } from '#lib/testing/plan-builder.ts';
import { ClusterClock } from '#lib/time/cluster-clock.ts';
import { HandClock } from '#server/memory/hand-clock.ts';
import { MemoryCluster } from '#server/memory/memory-cluster.ts';
import { SilentLogger } from '#server/memory/silent-logger.ts';
import type { CellRow, CheckpointStore } from '#server/ports/checkpoint-store.ts';
import { openCheckpointStore } from '#server/store/checkpoint-store.ts';
import { Checkpointer } from './checkpointer.ts';
import { CutPublisher } from './cut-publisher.ts';
import { HopWatch } from './hop-watch.ts';
import { restoreTasks } from './restore-tasks.ts';
import { TaskRunner } from './task-runner.ts';
import { ValueLog } from './value-log.ts';

const BASE = 1_700_000_000_000;
const LATENESS = 5_000;
const TASK = 'payments#1';
const plan = planFor({
  metric: 'paid',
  topic: 'pay',
  measure: { kind: 'count', where: null },
  latenessMs: LATENESS,
});

let store: CheckpointStore;
beforeEach(async () => {
  store = await openCheckpointStore({ file: ':memory:' });
});
afterEach(() => store.close());

/** A task with one partition and its checkpointer, over a store whose saves pass `before` first. */
async function openTask(before: () => Promise<unknown>) {
  const clock = new HandClock();
  const cluster = new MemoryCluster(clock);
  const writer = await cluster.openWriter();
  const metric = new MetricState(compileMetric(plan));
  const state = new TaskState(plan.closure.stream, [metric]);
  const partition = PartitionState.fresh({ topic: 'pay', partition: 0, id: 'a1', next: 0 }, 60_000);
  state.addPartition(partition);
  const held: CheckpointStore = {
    tasks: () => store.tasks(),
    load: (task) => store.load(task),
    save: (writes) => before().then(() => store.save(writes)),
    close: () => store.close(),
  };
  const topics = topicNames('t.');
  const parts = {
    cluster,
    store: held,
    clock,
    clusterClock: new ClusterClock(),
    logger: new SilentLogger(),
    topics,
    instance: 'one',
    build: 'test',
    failpoint: () => undefined,
  };
  const log = new ValueLog({
    cluster,
    topic: topics.values,
    writer,
    instance: 'one',
    onAcks: () => undefined,
  });
  const publication = { metric, generation: 1, orphans: new Set<string>(), through: 0 };
  const cuts = new CutPublisher(
    state,
    { publications: [publication], cut: 0, frontier: null, floor: [] },
    parts,
    { log, writer, hops: new HopWatch(), emitEveryMs: 0 },
  );
  const runner = new TaskRunner(TASK, state, cuts, parts, async () => undefined);
  const pay = (paidAt: number) => {
    const record = { offset: partition.next, timestamp: paidAt, text: `{"paid_at":${paidAt}}` };
    state.apply(partition, record, { fetchedAt: null, computedAt: null }, () => undefined);
    partition.next += 1;
  };
  /** Answers that find nothing unread, sent at these instants. */
  const drain = (...sentAt: number[]) => {
    for (const at of sentAt) partition.drain = foldDrain(partition.drain, true, at);
  };
  const checkpointer = new Checkpointer(held, log, () => [runner]);
  return { state, metric, partition, checkpointer, pay, drain };
}

const restored = async () => {
  const { tasks } = await restoreTasks(store, new Map([['paid', plan]]), new SilentLogger());
  const state = tasks[0]!.state;
  return { state, metric: state.metrics[0]!, partition: state.partitions.get('pay-0')! };
};
const storedCells = async () => {
  const cells: CellRow[] = [];
  for await (const chunk of (await store.load(TASK))!.cells) cells.push(...chunk);
  return cells.map(({ start, state }) => [start, state === null ? null : JSON.parse(state).in]);
};

test('[CP7] a drain acts on closing once the checkpoint has it, and no newer one does', async () => {
  const release = Promise.withResolvers<null>();
  const { state, metric, partition, checkpointer, pay, drain } = await openTask(
    () => release.promise,
  );
  pay(BASE);
  const slept = BASE + 60_000;
  drain(slept, slept + LATENESS);
  expect(state.closing(metric)).toBe(BASE);

  const saving = checkpointer.save();
  drain(slept + LATENESS + 250);
  expect(partition.storedDrain.seenAt).toBeNull();
  expect(state.closing(metric)).toBe(BASE);

  release.resolve(null);
  await saving;
  expect(partition.storedDrain).toEqual({ since: slept, seenAt: slept + LATENESS });
  expect(state.closing(metric)).toBe(slept + LATENESS);
  const again = await restored();
  expect(again.partition.storedDrain).toEqual(partition.storedDrain);
  expect(again.state.closing(again.metric)).toBe(state.closing(metric));

  await checkpointer.save();
  expect(state.closing(metric)).toBe(slept + LATENESS + 250);
});

test('[CP7] a save that fails lets no drain act and puts the unsaved cells back for the next one', async () => {
  let failing = true;
  const failed = new AppError('store/failed', 'The disk is full.');
  const { state, metric, partition, checkpointer, pay, drain } = await openTask(async () => {
    if (failing) throw failed;
  });
  pay(BASE);
  pay(BASE + 10_000);
  const slept = BASE + 60_000;
  drain(slept, slept + LATENESS);
  await expect(checkpointer.save()).rejects.toBe(failed);
  expect(partition.storedDrain.seenAt).toBeNull();
  expect(state.closing(metric)).toBe(BASE + 10_000);
  expect([...metric.unsaved].map(({ start }) => start)).toEqual([BASE, BASE + 10_000]);
  expect(await store.tasks()).toEqual([]);

  failing = false;
  await checkpointer.save();
  expect(metric.unsaved.size).toBe(0);
  expect(await storedCells()).toEqual([
    [BASE, 1],
    [BASE + 10_000, 1],
  ]);
  expect(state.closing(metric)).toBe(slept + LATENESS);
});

test('[CP7] a record that comes while a save is under way ends the drain that is being stored only for the next one', async () => {
  const release = Promise.withResolvers<null>();
  const { state, metric, partition, checkpointer, pay, drain } = await openTask(
    () => release.promise,
  );
  pay(BASE);
  const slept = BASE + 60_000;
  drain(slept, slept + LATENESS);
  const saving = checkpointer.save();
  pay(BASE + 1);
  partition.drain = foldDrain(partition.drain, false, slept + LATENESS + 250);
  release.resolve(null);
  await saving;
  // It was proven before the record came, and the record counts all the same: lateness never uses closing.
  expect(state.closing(metric)).toBe(slept + LATENESS);
  expect([...metric.unsaved].map((cell) => cell.in)).toEqual([2]);
  expect(await storedCells()).toEqual([[BASE, 1]]);
  await checkpointer.save();
  expect(await storedCells()).toEqual([[BASE, 2]]);
  expect(partition.storedDrain.seenAt).toBeNull();
});
