import { expect, test, vi } from 'vitest';
import { AppError } from '#lib/errors/app-error.ts';
import { planFor } from '#lib/testing/plan-builder.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';
import { RunningClock } from '#server/memory/running-clock.ts';
import { openCheckpointStore } from '#server/store/checkpoint-store.ts';
import { withAppends, writesTo, type AroundAppend } from './fixtures/around-appends.ts';
import { ComputeWorld, SOURCE } from './fixtures/compute-world.ts';

const BASE = 1_700_000_000_000;
const SOON = { timeout: 4_000, interval: 10 };
const payment = (at: number, provider = 'a') => ({
  paid_at: at,
  status: 'ok',
  provider,
  amount: 1,
});
const refused = () => new AppError('kafka/unreachable', 'The values topic takes nothing.');

/** A cluster in memory with two partitions of payments, real time, and a real store; what is started is ended with the test. */
async function open(onTestFinished: (end: () => Promise<void>) => void) {
  const world = new ComputeWorld(new RunningClock(systemClock), 2);
  const store = await openCheckpointStore({ file: ':memory:' });
  const running: ReturnType<typeof world.start>[] = [];
  onTestFinished(async () => {
    for (const { stop } of running) stop.abort();
    const failures = await Promise.all(running.map(({ ended }) => ended));
    await store.close();
    expect(failures.filter((failure) => failure !== null)).toEqual([]);
  });
  const start = (instance: string, around?: AroundAppend) => {
    const cluster = around ? withAppends(world.cluster, around) : world.cluster;
    const compute = world.start({ store, instance, cluster });
    running.push(compute);
    return async () => {
      compute.stop.abort();
      await compute.ended;
    };
  };
  const last = () => world.progress().at(-1);
  /** Waits until progress says what partition 0 has published and how far it reaches. */
  const untilPartition = (next: number, end: number) =>
    vi.waitFor(() => {
      expect(last()?.partitions[0]).toMatchObject({ next, end });
      expect(last()?.frontier).not.toBeNull();
    }, SOON);
  const untilPast = (at: number) =>
    vi.waitFor(() => expect(last()?.frontier).toBeGreaterThan(at), SOON);
  return { world, start, last, untilPartition, untilPast };
}

const countPlan = (more: Partial<Parameters<typeof planFor>[0]> = {}) =>
  planFor({ metric: 'paid', topic: SOURCE, measure: { kind: 'count', where: null }, ...more });

test('[PB4] while a cut is not wholly written the frontier stands still although the partitions go on answering, and moves once it is', async ({
  onTestFinished,
}) => {
  const PROVIDERS = 900;
  const { world, start, last, untilPartition, untilPast } = await open(onTestFinished);
  let phase: 'all' | 'first' | 'none' = 'all';
  let refusals = 0;
  world.plan(countPlan({ groupBy: ['provider'] }));
  world.pay(0, [payment(BASE)]);
  start('one', (appends, go) => {
    if (phase === 'all' || !writesTo(world.topics.values, appends)) return go();
    if (phase === 'first') {
      phase = 'none';
      return go();
    }
    refusals += 1;
    return Promise.reject(refused());
  });
  await untilPartition(1, 1);

  // Too much for one append: the first is written, the others are not.
  phase = 'first';
  const names = Array.from({ length: PROVIDERS }, (_, i) => `${String(i)}${'x'.repeat(200)}`);
  world.pay(
    0,
    names.map((name) => payment(BASE + 1, name)),
  );
  const paidAt = world.clock.now();
  await untilPartition(1, 1 + PROVIDERS);
  const from = world.progress().length - 1;
  const seenAt = last()?.partitions.map((partition) => partition.seenAt ?? Infinity) ?? [];
  await vi.waitFor(
    () => expect(last()?.partitions.every((p, i) => (p.seenAt ?? 0) > seenAt[i]!)).toBe(true),
    SOON,
  );
  const stuck = world.progress().slice(from);
  expect(stuck.length).toBeGreaterThan(1);
  for (const { frontier, cut, closing, partitions } of stuck) {
    expect(frontier).toBeLessThanOrEqual(paidAt);
    expect([frontier, cut, closing]).toEqual([
      stuck[0]!.frontier,
      stuck[0]!.cut,
      stuck[0]!.closing,
    ]);
    expect(partitions.map(({ next, end }) => [next, end])).toEqual([
      [1, 1 + PROVIDERS],
      [0, 0],
    ]);
  }
  expect(refusals).toBeGreaterThan(0);
  expect(world.values().length).toBeGreaterThan(1);
  expect(world.values().length).toBeLessThan(1 + PROVIDERS);

  phase = 'all';
  await untilPartition(1 + PROVIDERS, 1 + PROVIDERS);
  expect(new Set(world.values().map(({ key }) => key)).size).toBe(1 + PROVIDERS);
  await untilPast(paidAt);
});

test('[PB4] a cut speaks for the inputs it was taken at, not for what was applied while it was on its way', async ({
  onTestFinished,
}) => {
  const { world, start, last, untilPartition, untilPast } = await open(onTestFinished);
  const held: (() => void)[] = [];
  let holding = false;
  world.plan(countPlan());
  world.pay(0, [payment(BASE)]);
  start('one', async (appends, go) => {
    if (holding && writesTo(world.topics.values, appends))
      await new Promise<void>((resolve) => held.push(resolve));
    return go();
  });
  await untilPartition(1, 1);

  holding = true;
  world.pay(0, [payment(BASE + 1)]);
  await vi.waitFor(() => expect(held).toHaveLength(1), SOON);
  world.pay(0, [payment(BASE + 2)]);
  const paidAt = world.clock.now();
  await untilPartition(1, 3);
  held[0]!();
  await vi.waitFor(() => expect(held).toHaveLength(2), SOON);
  await untilPartition(2, 3);
  expect(world.values().map(({ value }) => value.value)).toEqual([1, 2]);
  expect(last()?.frontier).toBeLessThanOrEqual(paidAt);

  holding = false;
  held[1]!();
  await untilPartition(3, 3);
  await untilPast(paidAt);
  expect(world.values().at(-1)?.value.value).toBe(3);
});

test('[WN9] records that retention deleted unread are counted as missing, and windows open across the gap are partial, also after another start', async ({
  onTestFinished,
}) => {
  const { world, start, untilPartition } = await open(onTestFinished);
  const window = (n: number) => BASE + n * 10_000;
  world.plan(countPlan());
  world.pay(0, [payment(window(0)), payment(window(1)), payment(window(2))]);
  const stopFirst = start('one');
  await vi.waitFor(() => expect(world.values()).toHaveLength(3), SOON);
  await untilPartition(3, 3);
  await stopFirst();

  world.pay(0, [payment(window(2) + 1), payment(window(3))]);
  world.cluster.deleteBefore(SOURCE, 0, 5);
  world.pay(0, [payment(window(4) + 1), payment(window(5))]);
  const stopSecond = start('two');
  await untilPartition(7, 7);
  const latest = () =>
    new Map(world.values().map(({ value }) => [(value.window.start - BASE) / 10_000, value]));
  expect([...latest()].map(([n, { partial, value }]) => [n, value, partial ?? false])).toEqual([
    // Its end and lateness lie before the clock at the gap: nothing of it can be in the gap.
    [0, 1, false],
    [1, 1, true],
    [2, 1, true],
    [4, 1, true],
    [5, 1, false],
  ]);
  expect(latest().get(4)?.inputs).toMatchObject({
    [`${SOURCE}-0`]: { from: 0, next: 7, missing: 2 },
  });
  await stopSecond();

  world.pay(0, [payment(window(4) + 2)]);
  start('three');
  await untilPartition(8, 8);
  expect(latest().get(4)).toMatchObject({ value: 2, partial: true });
  expect(latest().get(4)?.inputs?.[`${SOURCE}-0`]?.missing).toBe(2);
});
