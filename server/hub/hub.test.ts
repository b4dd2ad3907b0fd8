import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { valuesPartition } from '#lib/contracts/metric-record.ts';
import type { MetricPlan } from '#lib/contracts/plan.ts';
import { ownTopics, topicNames } from '#lib/contracts/topics.ts';
import { HandClock } from '#server/memory/hand-clock.ts';
import { MemoryCluster } from '#server/memory/memory-cluster.ts';
import { ScriptedDefinitions } from '#server/memory/scripted-definitions.ts';
import { SilentLogger } from '#server/memory/silent-logger.ts';
import type { Definitions } from '#server/ports/definitions.ts';
import type { HubStore } from '#server/ports/hub-store.ts';
import type { LogRecord } from '#server/ports/log-writer.ts';
import type { MetricChange } from '#server/ports/metric-view.ts';
import { openHubStore } from '#server/store/hub-store.ts';
import {
  claimRecord,
  first,
  MINUTE,
  NOON,
  planGiven,
  progressRecord,
  second,
  valueRecord,
  VERSION,
  type ProgressGiven,
} from './fixtures/hub-records.ts';
import { openHub, type Hub } from './hub.ts';

const PREFIX = 'freshet.';
const names = topicNames(PREFIX);
const PARTITIONS = 4;
const ORDERS = valuesPartition('orders', VERSION, PARTITIONS);

let folder: string;
let clock: HandClock;
let cluster: MemoryCluster;
let scripted: ScriptedDefinitions;
let plans: Map<string, MetricPlan>;
let definitions: Definitions;
/** Everything a test opened, youngest last. */
let opened: (() => Promise<void>)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-hub-'));
  clock = new HandClock(NOON + MINUTE);
  cluster = new MemoryCluster(clock);
  for (const spec of ownTopics(names)) cluster.createTopic(spec);
  scripted = new ScriptedDefinitions();
  plans = new Map();
  definitions = {
    boards: () => scripted.boards(),
    board: (name) => scripted.board(name),
    metrics: () => scripted.metrics(),
    metric: (name) => scripted.metric(name),
    stream: (name) => scripted.stream(name),
    objective: (metric) => scripted.objective(metric),
    apply: (request) => scripted.apply(request),
    subscribe: (listener) => scripted.subscribe(listener),
    plan: (metric) => plans.get(metric) ?? null,
  };
  opened = [];
  define(VERSION);
});
afterEach(async () => {
  for (const close of opened.reverse()) await close();
  await rm(folder, { recursive: true });
});

function define(version: string): void {
  plans.set('orders', planGiven('orders', version));
  scripted.put('Metric', 'orders', {
    from: 'orders',
    window: { kind: 'tumbling', size: '1m' },
    measure: 'count()',
  });
}

interface Running {
  readonly hub: Hub;
  readonly store: HubStore;
  readonly changes: MetricChange[];
  /** Stops the hub and closes its store. */
  readonly stop: () => Promise<void>;
}

async function startHub(
  file = 'hub.db',
  through?: (store: HubStore) => HubStore,
): Promise<Running> {
  const store = await openHubStore({ file: join(folder, file) });
  const hub = openHub({
    cluster,
    store: through?.(store) ?? store,
    definitions,
    clock,
    logger: new SilentLogger(),
    prefix: PREFIX,
    instance: 'hub-1',
    lease: { hold: async (_, signal) => signal },
  });
  const changes: MetricChange[] = [];
  hub.subscribe((change) => changes.push(change));
  const stopper = new AbortController();
  const running = hub.run(stopper.signal);
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopper.abort();
    stopped ??= running.finally(() => store.close());
    return stopped;
  };
  opened.push(stop);
  return { hub, store, changes, stop };
}

/** Lets time of the cluster pass until the condition holds: empty answers come by its clock. */
async function until(condition: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(
    async () => {
      await clock.run(20);
      await condition();
    },
    { timeout: 8_000, interval: 5 },
  );
}
const ready = (hub: Hub) => until(() => expect(hub.ready()).toBe(true));

const append = (record: LogRecord, partition = ORDERS): number =>
  cluster.append(names.values, partition, [record]);
const progress = (given: Omit<ProgressGiven, 'through'> & { readonly through: number }): number =>
  cluster.append(names.progress, 0, [
    progressRecord({ ...given, through: { partition: ORDERS, offset: given.through } }),
  ]);
const values = (hub: Hub) =>
  hub
    .points('orders', 0)
    .map(({ start, dims, value }) => `${(start - NOON) / MINUTE} ${dims} ${String(value)}`)
    .sort();

test('[HB1] [HB10] values then progress: both are shown, the frontier with them', async () => {
  append(claimRecord(first));
  const offset = append(valueRecord({ value: 7 }));
  progress({ through: offset + 1, frontier: NOON + 1_000 });
  const { hub, changes } = await startHub();
  await until(() => expect(hub.facts('orders')?.frontier).toBe(NOON + 1_000));
  expect(values(hub)).toEqual(['0 {} 7']);
  expect(hub.ready()).toBe(true);
  append(valueRecord({ value: 8 }));
  await until(() =>
    expect(changes.at(-1)).toMatchObject({
      metric: 'orders',
      reset: false,
      points: [{ value: 8 }],
    }),
  );
  expect(hub.status().counts).toEqual({ values: 2, fenced: 0, invalid: 0 });
});

test('[HB10] progress before its values does not count until they are read', async () => {
  append(claimRecord(first));
  const { hub } = await startHub();
  await ready(hub);
  progress({ through: 2, frontier: NOON + 5_000, at: NOON + MINUTE });
  await until(() => expect(hub.facts('orders')?.heardAt).toBe(NOON + MINUTE));
  expect(hub.facts('orders')).toMatchObject({ frontier: null, phase: { kind: 'restoring' } });
  append(valueRecord());
  await until(() => expect(hub.facts('orders')?.frontier).toBe(NOON + 5_000));
  expect(values(hub)).toEqual(['0 {} 1']);
});

test('[HB2] records of a writer that lost its claim are dropped and counted', async () => {
  append(claimRecord(first));
  append(valueRecord({ value: 1, by: first }));
  append(claimRecord(second));
  append(valueRecord({ value: 9, by: first }));
  const { hub } = await startHub();
  await until(() => expect(hub.status().counts.fenced).toBe(1));
  expect(values(hub)).toEqual(['0 {} 1']);
});

test('[HB5] records that do not match are counted and kept aside, and the rest goes on', async () => {
  const { hub } = await startHub();
  await ready(hub);
  append({ key: 'x', value: '{"nonsense":true}' });
  append(valueRecord({ value: 3 }));
  cluster.append(names.progress, 0, [{ key: 'orders', value: '[]' }]);
  await until(() => expect(hub.status().counts).toEqual({ values: 1, fenced: 0, invalid: 2 }));
  expect(values(hub)).toEqual(['0 {} 3']);
  expect(hub.status().aside).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        topic: names.values,
        partition: ORDERS,
        offset: 0,
        reason: expect.stringContaining('metric') as unknown,
      }),
      expect.objectContaining({ topic: names.progress, partition: 0 }),
    ]),
  );
});

test('[HB7] [HB20] a restarted hub goes on from its store, and never shows less than before', async () => {
  append(claimRecord(first));
  for (let n = 0; n < 5; n += 1) append(valueRecord({ value: n, start: NOON - n * MINUTE }));
  const one = await startHub();
  await until(() => expect(values(one.hub)).toHaveLength(5));
  await one.stop();

  append(valueRecord({ value: 10 }));
  append(valueRecord({ value: 99, by: second }));
  const two = await startHub();
  const seen: string[][] = [];
  two.hub.subscribe(() => void seen.push(values(two.hub)));
  await until(() => expect(values(two.hub)).toContain('0 {} 10'));
  // The claim came back with the position, so the newer record of another writer is still fenced.
  await until(() => expect(two.hub.status().counts).toEqual({ values: 1, fenced: 1, invalid: 0 }));
  expect(seen.filter((each) => each.length > 0 && each.length < 5)).toEqual([]);

  const fresh = await startHub('fresh.db');
  await ready(fresh.hub);
  expect(values(fresh.hub)).toEqual(values(two.hub));
});

test('[HB7] a fresh hub over the compacted topic shows what the running hub shows', async () => {
  append(claimRecord(first));
  const one = await startHub();
  for (let n = 0; n < 40; n += 1) {
    const start = NOON - (n % 4) * MINUTE;
    append(valueRecord({ value: n, start, dims: { p: n % 3 }, withdrawn: n % 11 === 0 }));
  }
  append(claimRecord(second));
  append(valueRecord({ value: 777, by: second }));
  await until(() => expect(values(one.hub)).toContain('0 {} 777'));
  await until(() => expect(one.hub.status().counts.values).toBe(41));
  cluster.compact(names.values);
  const fresh = await startHub('fresh.db');
  await ready(fresh.hub);
  expect(values(fresh.hub)).toEqual(values(one.hub));
});

test('[HB20] rows and positions are saved together while it runs', async () => {
  append(claimRecord(first));
  append(valueRecord({ value: 5 }));
  const { store } = await startHub();
  await until(async () => {
    const [row] = await store.latest(0);
    expect(row).toMatchObject({ metric: 'orders', start: NOON, offset: 1, withdrawn: false });
  });
  const position = (await store.positions()).find(({ partition }) => partition === ORDERS);
  expect(position).toMatchObject({ topic: names.values, next: 2 });
  expect(position?.claims).toContain('compute-a');
});

test('[HB8] a topic that was deleted and made again is read anew, and what it does not hold is gone', async () => {
  append(claimRecord(first));
  append(valueRecord({ value: 1 }));
  append(valueRecord({ value: 2, start: NOON - MINUTE }));
  const { hub, store, changes } = await startHub();
  await until(() => expect(values(hub)).toHaveLength(2));
  changes.length = 0;
  cluster.recreateTopic(names.values);
  append(valueRecord({ value: 5 }));
  await until(() => expect(values(hub)).toEqual(['0 {} 5']));
  expect(changes.some(({ reset }) => reset)).toBe(true);
  await until(async () => expect(await store.latest(0)).toHaveLength(1));
});

test('[HB8] a hub that was away while the topic was replaced, or below its start, drops what it did not see', async () => {
  append(claimRecord(first));
  append(valueRecord({ value: 1 }));
  const one = await startHub();
  await until(() => expect(values(one.hub)).toHaveLength(1));
  await one.stop();
  append(valueRecord({ value: 2, start: NOON - MINUTE }));
  append(valueRecord({ value: 3, start: NOON - 2 * MINUTE }));
  cluster.deleteBefore(names.values, ORDERS, 3);
  const two = await startHub();
  await ready(two.hub);
  await until(() => expect(values(two.hub)).toEqual(['-2 {} 3']));
  await two.stop();
  cluster.recreateTopic(names.values);
  const three = await startHub();
  await ready(three.hub);
  expect(values(three.hub)).toEqual([]);
});

test('[HB9] nothing is shown before the ends seen at the start are reached', async () => {
  const total = 6_000;
  for (let n = 0; n < total; n += 1) append(valueRecord({ value: n, dims: { p: n } }));
  const seen = new Set<number>();
  const { hub } = await startHub();
  // The hub looks at the clock before each answer it applies: that is between two answers.
  const monotonic = clock.monotonic.bind(clock);
  clock.monotonic = () => {
    seen.add(hub.points('orders', 0).length);
    return monotonic();
  };
  await ready(hub);
  clock.monotonic = monotonic;
  expect([...seen].filter((count) => count !== 0)).toEqual([total]);
});

test('[HB18] a new version resets the metric and shows its own values alone', async () => {
  append(valueRecord({ value: 1 }));
  const { hub, changes } = await startHub();
  await until(() => expect(values(hub)).toEqual(['0 {} 1']));
  const next = '2-fedcbafedcba';
  append(valueRecord({ value: 2, version: next }), valuesPartition('orders', next, PARTITIONS));
  await until(() => expect(hub.status().counts.values).toBe(2));
  expect(values(hub)).toEqual(['0 {} 1']);
  changes.length = 0;
  define(next);
  expect(changes).toEqual([{ metric: 'orders', points: [], reset: true }]);
  expect(values(hub)).toEqual(['0 {} 2']);
  expect(hub.face('orders')?.version).toBe(next);
  scripted.put('Objective', 'orders', { metric: 'orders', target: '30s' });
  expect(hub.facts('orders')).toMatchObject({ targetMs: 30_000, stopTrustingMs: 90_000 });
  expect(changes.at(-1)).toEqual({ metric: 'orders', points: [], reset: false });
});

test('[HB18] a metric that is not defined has neither face nor facts nor why', async () => {
  const { hub } = await startHub();
  await ready(hub);
  expect([hub.face('nps'), hub.facts('nps'), hub.why('nps')]).toEqual([null, null, null]);
  expect(hub.points('nps', 0)).toEqual([]);
});

test('[HB15] a cluster that falls silent is told with the instant since when, and again when it answers', async () => {
  append(claimRecord(first));
  progress({ through: 1, at: NOON + MINUTE });
  const { hub, changes } = await startHub();
  await until(() => expect(hub.facts('orders')?.phase).toEqual({ kind: 'running' }));
  await until(() => expect(hub.clusterNow()).not.toBeNull());
  cluster.setReachable(false);
  const downAt = hub.clusterNow()?.at ?? 0;
  changes.length = 0;
  await until(() => expect(hub.facts('orders')?.unanswered).toMatchObject({ who: 'the cluster' }));
  const since = hub.facts('orders')?.unanswered?.since ?? 0;
  expect(Math.abs(since - downAt)).toBeLessThan(1_000);
  expect(hub.status().isReachable).toBe(false);
  await until(() => expect(changes).toContainEqual({ metric: 'orders', points: [], reset: false }));
  cluster.setReachable(true);
  await until(() => expect(hub.facts('orders')?.unanswered).toBeNull());
  expect(hub.status().isReachable).toBe(true);
});

test('[HB23] the heartbeat measures the cluster clock, and a step of the wall clock makes it measure again', async () => {
  cluster.setSkew(5_000);
  const { hub } = await startHub();
  await until(() => expect(hub.clusterNow()).not.toBeNull());
  expect(Math.abs((hub.clusterNow()?.at ?? 0) - clock.now() - 5_000)).toBeLessThanOrEqual(1);
  clock.stepWall(-3_600_000);
  expect(hub.clusterNow()).toBeNull();
  await until(() => expect(hub.clusterNow()).not.toBeNull());
  const beats = cluster.records(names.progress, 0).filter(({ key }) => key === 'hub|hub-1');
  expect(beats.length).toBeGreaterThanOrEqual(2);
});

test('[HB19] why tells who computes, its partitions and its counts', async () => {
  append(claimRecord(first));
  progress({ through: 1, at: NOON + MINUTE });
  const { hub } = await startHub();
  await until(() => expect(hub.why('orders')?.counts).not.toBeNull());
  expect(hub.why('orders')).toMatchObject({
    generation: 1,
    instance: 'compute-a',
    partitions: [{ topic: 'shop.orders', next: 10 }],
    face: { metric: 'orders', version: VERSION, measure: 'count' },
  });
});

test('[HB24] a partition that cannot be read is named, and the others go on', async () => {
  const other = (ORDERS + 1) % PARTITIONS;
  append(valueRecord({ value: 1 }));
  append(valueRecord({ value: 2 }));
  cluster.corrupt(names.values, ORDERS, 1);
  const { hub } = await startHub();
  await until(() => expect(hub.facts('orders')?.problem).toContain(`${names.values}-${ORDERS}`));
  append(valueRecord({ metric: 'sales', value: 4 }), other);
  await until(() => expect(hub.status().counts.values).toBe(2));
});

test('[HB21] while the store takes nothing the hub reads no further than its room, says so, and catches up', async () => {
  let isFull = true;
  const { hub, store } = await startHub('hub.db', (real) => ({
    ...bound(real),
    record: (rows, positions) =>
      isFull ? Promise.reject(new Error('disk full')) : real.record(rows, positions),
  }));
  await ready(hub);
  const total = 30_000;
  for (let n = 0; n < total; n += 1_000) {
    const batch = Array.from({ length: 1_000 }, (_, i) => valueRecord({ dims: { p: n + i } }));
    cluster.append(names.values, ORDERS, batch);
  }
  await until(() => expect(hub.facts('orders')?.problem).toBe('The store does not take values.'));
  const { waitingRows } = hub.status().history;
  expect(waitingRows).toBeGreaterThan(20_000);
  expect(waitingRows).toBeLessThan(total);
  isFull = false;
  await until(() => expect(hub.status().counts.values).toBe(total));
  await until(async () => expect(await store.latest(0)).toHaveLength(total));
  expect(hub.facts('orders')?.problem).toBeNull();
}, 20_000);

/** The methods of a store as own properties, so that one of them can be replaced. */
function bound(store: HubStore): HubStore {
  return {
    definitions: () => store.definitions(),
    changeDefinitions: (put, remove) => store.changeDefinitions(put, remove),
    markPlanPublished: (metric, version) => store.markPlanPublished(metric, version),
    highestVersion: (metric) => store.highestVersion(metric),
    positions: () => store.positions(),
    record: (rows, positions) => store.record(rows, positions),
    forgetValues: (topic) => store.forgetValues(topic),
    latest: (since) => store.latest(since),
    newestStarts: () => store.newestStarts(),
    values: (query) => store.values(query),
    expire: (before) => store.expire(before),
    close: () => store.close(),
  };
}
