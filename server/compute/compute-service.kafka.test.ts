import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { metricValueSchema, type MetricValue } from '#lib/contracts/metric-record.ts';
import { metricProgressSchema, type MetricProgress } from '#lib/contracts/progress.ts';
import { planKey, type MetricPlan } from '#lib/contracts/plan.ts';
import { ownTopics, topicNames } from '#lib/contracts/topics.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { RecordCursor } from '#lib/log/record-cursor.ts';
import { planFor } from '#lib/testing/plan-builder.ts';
import { ComputeService } from '#server/compute/compute-service.ts';
import { textOf } from '#server/records/record-text.ts';
import { KafkaCluster } from '#server/kafka/kafka-cluster.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';
import type { CheckpointStore } from '#server/ports/checkpoint-store.ts';
import type { LogWriter } from '#server/ports/log-writer.ts';
import type { TopicCatalog } from '#server/ports/topic-catalog.ts';
import { openCheckpointStore } from '#server/store/checkpoint-store.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const BASE = 1_700_000_000_000;

let cluster: KafkaCluster;
let catalog: TopicCatalog;
let writer: LogWriter;
let source: string;
let prefix: string;
const stores: CheckpointStore[] = [];

const topics = () => topicNames(prefix);

beforeEach(async () => {
  const id = randomUUID();
  source = `pay.${id}`;
  prefix = `t${id}.`;
  cluster = new KafkaCluster({
    name: 'main',
    settings: { brokers: [...inject('brokers')], clientId: 'test' },
    clock: systemClock,
    logger: silent,
  });
  catalog = await cluster.openCatalog();
  writer = await cluster.openWriter();
  await catalog.ensure([{ topic: source, partitions: 2, config: {} }, ...ownTopics(topics())]);
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await Promise.all([writer.close(), catalog.close()]);
});

const openStore = async () => {
  const store = await openCheckpointStore({ file: ':memory:' });
  stores.push(store);
  return store;
};

/** A running compute and the way to end it. */
function start(store: CheckpointStore, instance: string) {
  const stop = new AbortController();
  const service = new ComputeService({
    cluster,
    store,
    clock: systemClock,
    logger: silent,
    topics: topics(),
    instance,
    build: 'test',
    failpoint: () => undefined,
  });
  const ended = service.run(stop.signal).then(
    () => null,
    (error: unknown) => error,
  );
  return {
    ended,
    stop: async () => {
      stop.abort();
      expect(await ended).toBeNull();
    },
  };
}

const plan = (p: MetricPlan) =>
  writer.append([
    {
      topic: topics().definitions,
      partition: 0,
      records: [{ key: planKey(p.metric), value: JSON.stringify(p) }],
    },
  ]);
const pay = (partition: number, records: readonly Record<string, unknown>[]) =>
  writer.append([
    {
      topic: source,
      partition,
      records: records.map((r) => ({ key: null, value: JSON.stringify(r) })),
    },
  ]);

/** A count grouped by provider, over one payment of each. */
async function countByProvider(providers: readonly string[]): Promise<void> {
  const measure = { kind: 'count', where: null } as const;
  await plan(planFor({ metric: 'paid', topic: source, measure, groupBy: ['provider'] }));
  await pay(
    0,
    providers.map((provider) => ({ paid_at: BASE, status: 'ok', provider, amount: 1 })),
  );
}

/** Reads a topic from its start until `done` says so of everything read. */
async function readUntil<T>(
  topic: string,
  take: (key: string, value: string) => T | null,
  done: (all: readonly T[]) => boolean,
) {
  const all: T[] = [];
  const reader = cluster.openReader();
  const stop = new AbortController();
  const ends = await catalog.ends(topic);
  reader.assign(ends.map(({ partition, start: next }) => ({ topic, partition, next })));
  for await (const answer of reader.read(stop.signal)) {
    for (const part of answer.partitions) {
      for (const batch of part.batches) {
        const cursor = new RecordCursor(batch, part.asked);
        while (cursor.next()) {
          const value = textOf(cursor.bytes, cursor.valueStart, cursor.valueEnd);
          const taken =
            value === null
              ? null
              : take(textOf(cursor.bytes, cursor.keyStart, cursor.keyEnd) ?? '', value);
          if (taken !== null) all.push(taken);
        }
      }
    }
    if (done(all)) stop.abort();
  }
  return all;
}
const valuesUntil = (
  done: (latest: ReadonlyMap<string, MetricValue>, all: readonly MetricValue[]) => boolean,
) =>
  readUntil(
    topics().values,
    (key, text) =>
      key.endsWith('|claim') ? null : { key, value: metricValueSchema.parse(JSON.parse(text)) },
    (all) =>
      done(
        new Map(all.map(({ key, value }) => [key, value])),
        all.map(({ value }) => value),
      ),
  );
const progressUntil = (done: (last: MetricProgress) => boolean) =>
  readUntil(
    topics().progress,
    (_key, text) => metricProgressSchema.parse(JSON.parse(text)),
    (all) => all.some(done),
  );

test('[CP1] records become values, progress follows them, and a restart goes on from the checkpoint', async () => {
  const p = planFor({
    metric: 'paid',
    topic: source,
    measure: { kind: 'sum', of: 'amount' },
    where: "status != 'failed'",
  });
  await plan(p);
  await pay(0, [
    { paid_at: BASE, status: 'ok', provider: 'a', amount: 1.1 },
    { paid_at: BASE + 1, status: 'failed', provider: 'a', amount: 5 },
  ]);
  await pay(1, [{ paid_at: BASE + 2, status: 'ok', provider: 'a', amount: '2.20' }]);
  const store = await openStore();
  const first = start(store, 'one');
  const read = await valuesUntil((latest) =>
    [...latest.values()].some(({ value }) => value === '3.30'),
  );
  expect(read.at(-1)?.value).toMatchObject({
    window: { start: BASE, end: BASE + 10_000 },
    parts: { sum: '3.30', count: 2 },
    counts: { in: 2, late: 0 },
    generation: 1,
    instance: 'one',
  });
  const progress = await progressUntil(
    (last) => last.phase.kind === 'running' && last.frontier !== null && last.counts.in === 2,
  );
  expect(progress.at(-1)?.partitions.map(({ next, end }) => [next, end])).toEqual([
    [2, 2],
    [1, 1],
  ]);
  await first.stop();

  await pay(0, [{ paid_at: BASE + 3, status: 'ok', provider: 'a', amount: 0.7 }]);
  const second = start(store, 'two');
  const more = await valuesUntil((latest) =>
    [...latest.values()].some(({ value }) => value === '4.00'),
  );
  expect(more.at(-1)?.value).toMatchObject({
    counts: { in: 3, late: 0 },
    generation: 2,
    instance: 'two',
  });
  await second.stop();
});

test('[PB2] a second computer takes over with a higher generation, and the first says so and stops', async () => {
  await plan(planFor({ metric: 'paid', topic: source, measure: { kind: 'count', where: null } }));
  await pay(0, [{ paid_at: BASE, status: 'ok', provider: 'a', amount: 1 }]);
  const first = start(await openStore(), 'one');
  await valuesUntil((latest) => latest.size === 1);
  const second = start(await openStore(), 'two');
  const error = await first.ended;
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({
    code: 'compute/fenced',
    message: expect.stringContaining('two') as string,
  });
  await pay(0, [{ paid_at: BASE + 1, status: 'ok', provider: 'a', amount: 1 }]);
  const all = await valuesUntil((latest) => [...latest.values()].some(({ value }) => value === 2));
  expect(all.at(-1)?.value.generation).toBe(2);
  await second.stop();
});

test('[PB5] a metric that is removed has its values withdrawn', async () => {
  await countByProvider(['a', 'b']);
  const compute = start(await openStore(), 'one');
  await valuesUntil((latest) => latest.size === 2);
  await writer.append([
    { topic: topics().definitions, partition: 0, records: [{ key: planKey('paid'), value: null }] },
  ]);
  const read = await valuesUntil(
    (latest) =>
      latest.size === 2 && [...latest.values()].every(({ withdrawn }) => withdrawn === true),
  );
  expect(read.length).toBeGreaterThanOrEqual(4);
  await compute.stop();
});

test('[CP8] bad records are kept aside with place and reason, payload masked, and nothing else stops', async () => {
  await plan(planFor({ metric: 'paid', topic: source, measure: { kind: 'sum', of: 'amount' } }));
  await writer.append([
    { topic: source, partition: 0, records: [{ key: null, value: 'not json' }] },
  ]);
  await pay(0, [
    { status: 'ok', amount: 1 },
    { paid_at: BASE, status: 'ok', amount: 'rubbish' },
    { paid_at: BASE, status: 'ok', amount: 2 },
  ]);
  const compute = start(await openStore(), 'one');
  await valuesUntil((latest) => [...latest.values()].some(({ value }) => value === '2.00'));
  const aside = await readUntil(
    topics().invalid,
    (_key, text) => JSON.parse(text) as Record<string, unknown>,
    (all) => all.length >= 3,
  );
  expect(aside.map(({ offset, metric, reason }) => [offset, metric, reason])).toEqual([
    [0, null, 'the value is not a JSON object'],
    [1, null, 'no event time: field `paid_at` is not epoch-ms'],
    [2, 'paid', 'field `amount` is not a decimal with at most 2 decimals'],
  ]);
  expect(aside[2]?.['payload']).toContain('"amount":"•••"');
  await compute.stop();
});

test('[PB3] a start that knows less than the metric topic sends nothing until its inputs have caught up with it', async () => {
  const count = planFor({ metric: 'paid', topic: source, measure: { kind: 'count', where: null } });
  await plan(count);
  for (let n = 0; n < 20; n += 1)
    await pay(n % 2, [{ paid_at: BASE + n, status: 'ok', provider: 'a', amount: 1 }]);
  const first = start(await openStore(), 'one');
  const before = await valuesUntil((latest) =>
    [...latest.values()].some(({ value }) => value === 20),
  );
  await first.stop();
  const published = before.at(-1)?.value.inputs;
  const second = start(await openStore(), 'two');
  const all = await valuesUntil((_latest, list) => list.some(({ instance }) => instance === 'two'));
  for (const { value } of all.filter((record) => record.value.instance === 'two')) {
    expect(value.value).toBe(20);
    for (const [key, range] of Object.entries(published ?? {}))
      expect(value.inputs?.[key]?.next).toBeGreaterThanOrEqual(range.next);
  }
  await second.stop();
});

test('[CP9] a topic deleted and created again is noticed, and its metrics are computed anew from its start', async () => {
  await countByProvider(['a', 'a', 'b']);
  const store = await openStore();
  const first = start(store, 'one');
  await valuesUntil((latest) => latest.size === 2);
  const admin = new Kafka({ brokers: [...inject('brokers')], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [source] });
  await admin.disconnect();
  await vi.waitFor(
    () =>
      catalog
        .ensure([{ topic: source, partitions: 2, config: {} }])
        .then((made) => expect(made).toEqual([source])),
    10_000,
  );
  await pay(0, [{ paid_at: BASE, status: 'ok', provider: 'a', amount: 1 }]);
  expect(await first.ended).toMatchObject({
    code: 'compute/log-replaced',
    message: expect.stringContaining(source) as string,
  });
  const second = start(store, 'two');
  const read = await valuesUntil(
    (latest) =>
      [...latest.values()].some(({ value, dims }) => dims['provider'] === 'a' && value === 1) &&
      [...latest.values()].some(
        ({ withdrawn, dims }) => dims['provider'] === 'b' && withdrawn === true,
      ),
  );
  expect(read.at(-1)?.value.generation).toBeGreaterThan(1);
  await second.stop();
});

test('[CP10] a topic that is not there is said, and is read from its start once it is', async () => {
  const absent = `${source}.later`;
  await plan(planFor({ metric: 'paid', topic: absent, measure: { kind: 'count', where: null } }));
  const compute = start(await openStore(), 'one');
  const said = await progressUntil((last) =>
    last.partitions.some(({ problem }) => problem !== null),
  );
  expect(said.at(-1)).toMatchObject({ frontier: null, phase: { kind: 'running' } });
  expect(said.at(-1)?.partitions[0]?.problem).toContain(`Topic ${absent} does not exist`);
  await catalog.ensure([{ topic: absent, partitions: 1, config: {} }]);
  await writer.append([
    {
      topic: absent,
      partition: 0,
      records: [{ key: null, value: JSON.stringify({ paid_at: BASE }) }],
    },
  ]);
  await valuesUntil((latest) => [...latest.values()].some(({ value }) => value === 1));
  await progressUntil(
    (last) => last.frontier !== null && last.partitions.every(({ problem }) => problem === null),
  );
  await compute.stop();
});
