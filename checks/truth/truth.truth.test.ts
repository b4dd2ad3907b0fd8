import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownTopics, topicNames } from '#lib/contracts/topics.ts';
import { valuesReplySchema, whySchema, type ValuesReply } from '#lib/contracts/rest.ts';
import { judgePartition, valueOf, type ReferenceRecord } from '#lib/testing/batch-reference.ts';
import { openEmbeddedBroker, type EmbeddedBroker } from '#server/broker/embedded-broker.ts';
import { freePorts } from '#server/broker/free-ports.ts';
import { JARS_DIR } from '#server/broker/vitest-broker.ts';
import { KafkaCluster } from '#server/kafka/kafka-cluster.ts';
import { pause } from '#server/lifecycle/pause.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';
import { RoleProcess, type LogLine } from '../stack/role-process.ts';
import { readSource } from './read-source.ts';
import { payments, PARTITIONS, randomFrom } from './traffic.ts';
import { definitionsFor, REFERENCES } from './truth-metrics.ts';
import { ValueTape } from './value-tape.ts';
import { WatchingScreen } from './watching-screen.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const SEED = Number(process.env['TRUTH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const COMPUTE_KILLS = 24;
const HUB_KILLS = 3;
const BROKER_KILLS = 3;
const RECORDS = 60_000;
const STEP_MS = 20;
const BATCH = 50;
/** About 1 500 records a second, so that every kill meets work in progress. */
const PACE_MS = 30;
const MOST_AHEAD = 2_000;
const SLOW_PACE_MS = 150;
/** Simulated time begins here, so that it ends in the past and inside what the hub keeps in memory. */
const START_AT = Date.now() - RECORDS * STEP_MS - 600_000;
const FORCED = ['compute/acknowledged:3', 'store/committing:2', 'compute/restoring:1'] as const;

let dir: string;
let broker: EmbeddedBroker;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'freshet-truth-'));
  broker = await openEmbeddedBroker({ dir: join(dir, 'kafka'), jarsDir: JARS_DIR, logger: silent });
});
afterAll(async () => {
  await broker.stop();
  await rm(dir, { recursive: true, force: true });
});

const unsent = (line: LogLine) => Number(line['dirty'] ?? 0) + Number(line['found'] ?? 0);

test(`[CP1, CP2, PB1, HB1] every value is the batch over its own inputs, through ${String(COMPUTE_KILLS + HUB_KILLS + BROKER_KILLS)} kills (seed ${String(SEED)})`, async () => {
  const random = randomFrom(SEED ^ 0x5eed);
  const id = randomUUID().slice(0, 8);
  const topic = `truth.${id}`;
  const prefix = `truth${id}.`;
  const names = topicNames(prefix);
  const { brokers } = broker;
  const cluster = new KafkaCluster({
    name: 'main',
    settings: { brokers, clientId: 'truth' },
    clock: systemClock,
    logger: silent,
    giveUpMs: 60_000,
  });
  const catalog = await cluster.openCatalog();
  const writer = await cluster.openWriter();
  // Small segments, so that the broker compacts while the test runs.
  const compacting = {
    'segment.ms': '3000',
    'min.cleanable.dirty.ratio': '0.01',
    'delete.retention.ms': '600000',
  };
  await catalog.ensure([
    { topic, partitions: PARTITIONS, config: { 'retention.ms': '-1' } },
    ...ownTopics(names).map((spec) =>
      spec.topic === names.values ? { ...spec, config: { ...spec.config, ...compacting } } : spec,
    ),
  ]);
  const [port = 0, freshPort = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${String(port)}`;
  const env = (data: string, more: Record<string, string> = {}) => ({
    KAFKA_BROKERS: brokers.join(','),
    FRESHET_PREFIX: prefix,
    FRESHET_DATA: join(dir, data),
    ...more,
  });
  const startHub = async () => {
    const hub = new RoleProcess(
      ['start', '--role', 'hub', '--with-parent'],
      env('hub', { PORT: String(port) }),
    );
    await hub.until(
      () => hub.lines.some(({ text }) => String(text).includes(url)),
      'the hub listens',
    );
    return hub;
  };
  const startCompute = (more: Record<string, string> = {}) =>
    new RoleProcess(['start', '--role', 'compute', '--with-parent'], env('compute', more));

  let hub = await startHub();
  await apply(url, topic);
  let compute = startCompute();
  await compute.saw('compute:resumed');
  const screen = new WatchingScreen(url, 'truth');
  const tape = new ValueTape();
  const taping = new AbortController();
  const taped = tape.run(cluster, names.values, 4, taping.signal);

  // What to kill, and after how many records: drawn from the seed.
  const kinds = [
    ...Array.from({ length: COMPUTE_KILLS }, () => 'compute' as const),
    ...Array.from({ length: HUB_KILLS }, () => 'hub' as const),
    ...Array.from({ length: BROKER_KILLS }, () => 'broker' as const),
    ...FORCED,
  ];
  for (let i = kinds.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [kinds[i], kinds[j]] = [kinds[j]!, kinds[i]!];
  }
  const every = Math.floor((RECORDS * 0.95) / kinds.length);
  const plan = kinds.map((kind, i) => ({
    kind,
    after: Math.floor(every * (i + 0.3 + 0.6 * random())),
  }));

  let withUnsent = 0;
  const done: string[] = [];
  const restartCompute = async () => {
    compute = startCompute();
    if (unsent(await compute.saw('compute:resumed')) > 0) withUnsent += 1;
  };
  /** A kill proves something only when the process has begun to publish since its last start. */
  const computePublishes = () =>
    eventually(async () => {
      const line = await compute.saw('compute:resumed');
      expect(tape.instances.has(String(line['instance']))).toBe(true);
    }, 30_000);
  const carryOut = async (kind: (typeof kinds)[number]) => {
    await computePublishes();
    if (kind === 'compute') {
      await compute.end('SIGKILL');
      await restartCompute();
    } else if (kind === 'hub') {
      await hub.end('SIGKILL');
      hub = await startHub();
    } else if (kind === 'broker') {
      await broker.kill('SIGKILL');
      broker = await openEmbeddedBroker({
        dir: join(dir, 'kafka'),
        jarsDir: JARS_DIR,
        logger: silent,
      });
      expect(broker.brokers, 'the broker comes back where it was').toEqual(brokers);
    } else {
      // The failpoint kills the process itself; it needs something to do to get there.
      await compute.end('SIGKILL');
      compute = startCompute({ FRESHET_FAILPOINT: kind });
      expect(await compute.gone(30_000), `killed at ${kind}`).toMatchObject({ signal: 'SIGKILL' });
      await restartCompute();
    }
    done.push(kind);
  };

  let sent = 0;
  const killing = (async () => {
    for (const { kind, after } of plan) {
      await eventually(async () => expect(sent).toBeGreaterThanOrEqual(after), 120_000);
      await carryOut(kind);
    }
  })();
  let killed: unknown = null;
  killing.catch((error: unknown) => {
    killed = error;
  });
  let batch = new Map<number, { key: string | null; value: string | null; timestamp?: number }[]>();
  for (const { partition, record } of payments(SEED, START_AT, STEP_MS, RECORDS)) {
    batch.set(partition, [...(batch.get(partition) ?? []), record]);
    sent += 1;
    if (sent % BATCH !== 0 && sent !== RECORDS) continue;
    const appended = writer.append(
      [...batch].map(([p, records]) => ({ topic, partition: p, records })),
    );
    // A kill that went wrong is the better story than the append it made fail.
    await appended.catch((error: unknown) => {
      throw killed ?? error;
    });
    batch = new Map();
    if (killed !== null) throw killed;
    // Records keep flowing while a kill is carried out, but slower when it takes long, to leave some for the kills to come.
    const ahead = sent - (plan[done.length]?.after ?? RECORDS);
    await pause(ahead < MOST_AHEAD ? PACE_MS : SLOW_PACE_MS, new AbortController().signal);
  }
  await killing;
  expect(done).toHaveLength(kinds.length);

  const ends = await catalog.ends(topic);
  const total = ends.reduce((sum, { end }) => sum + end, 0);
  await eventually(async () => {
    for (const metric of Object.keys(REFERENCES)) {
      const why = whySchema.parse(await get(`${url}/api/v1/metrics/${metric}/freshness`));
      const behind = why.partitions.filter(
        ({ topic: t, partition, next }) => t !== topic || next < (ends[partition]?.end ?? 0),
      );
      expect(why.facts.phase?.kind).toBe('running');
      expect(why.partitions).toHaveLength(PARTITIONS);
      expect(behind).toEqual([]);
    }
  }, 60_000);
  const valueEnds = await catalog.ends(names.values);
  await eventually(
    async () =>
      expect(valueEnds.every(({ partition, end }) => (tape.next.get(partition) ?? 0) >= end)).toBe(
        true,
      ),
    20_000,
  );
  taping.abort();
  await taped;
  screen.close();

  // Every record of the metric topic against the batch over its own inputs; the last one per key against the batch over everything.
  const source = await readSource(brokers, topic);
  expect([...source.values()].reduce((sum, list) => sum + list.length, 0)).toBe(total);
  const byMetric = new Map(
    Object.entries(REFERENCES).map(([metric, reference]) => {
      const verdicts = new Map(
        [...source].map(([key, records]) => [
          key,
          Map.groupBy(judgePartition(reference, records, 0), ({ id }) => id),
        ]),
      );
      return [metric, { reference, verdicts }];
    }),
  );
  const expected = (metric: string, valueId: string, next: (key: string) => number) => {
    const { reference, verdicts } = byMetric.get(metric)!;
    const mine = [...verdicts].flatMap(([key, ids]) =>
      (ids.get(valueId) ?? []).filter(({ offset }) => offset < next(key)),
    );
    return valueOf(reference, mine);
  };
  const wrong: string[] = [];
  for (const { key, offset, value } of tape.values) {
    const valueId = `${String(value.window.start)}|${JSON.stringify(value.dims)}`;
    const want = expected(value.metric, valueId, (p) => value.inputs?.[p]?.next ?? 0);
    const got = value.withdrawn
      ? null
      : { value: value.value, parts: value.parts, in: value.counts?.in, late: value.counts?.late };
    if (JSON.stringify(want) !== JSON.stringify(got))
      wrong.push(
        `${key}@${String(offset)}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`,
      );
    expect(value.partial ?? false).toBe(false);
  }
  expect(wrong.slice(0, 5), `seed ${String(SEED)}`).toEqual([]);
  const finals = new Map(tape.values.map(({ key, value }) => [key, value]));
  const keys = new Set<string>();
  for (const [metric, { verdicts }] of byMetric) {
    const ids = new Set(
      [...verdicts.values()].flatMap((map) => [...map.keys()]).filter((one) => one !== null),
    );
    for (const valueId of ids) {
      const want = expected(metric, valueId, () => Infinity);
      const [key, got] =
        [...finals].find(
          ([, v]) =>
            v.metric === metric &&
            `${String(v.window.start)}|${JSON.stringify(v.dims)}` === valueId,
        ) ?? [];
      const given =
        got && !got.withdrawn
          ? { value: got.value, parts: got.parts, in: got.counts?.in, late: got.counts?.late }
          : null;
      if (key) keys.add(key);
      if (JSON.stringify(want) !== JSON.stringify(given))
        wrong.push(
          `last of ${metric} ${valueId}: ${JSON.stringify(given)} instead of ${JSON.stringify(want)}`,
        );
    }
  }
  expect(wrong.slice(0, 5), `seed ${String(SEED)}`).toEqual([]);
  expect(keys.size).toBe(finals.size);

  // A fresh hub over the compacted topic says the same as the one that saw everything.
  await eventually(
    async () => expect(await compactedRecords(brokers, names.values)).toBeGreaterThan(0),
    60_000,
  );
  const fresh = new RoleProcess(
    ['start', '--role', 'hub', '--with-parent'],
    env('fresh', { PORT: String(freshPort) }),
  );
  const freshUrl = `http://127.0.0.1:${String(freshPort)}`;
  await fresh.until(
    () => fresh.lines.some(({ text }) => String(text).includes(freshUrl)),
    'the fresh hub listens',
  );
  await apply(freshUrl, topic);
  for (const metric of Object.keys(REFERENCES)) {
    const running = await valuesOf(url, metric);
    expect(running.length).toBeGreaterThan(30);
    await eventually(async () => expect(await valuesOf(freshUrl, metric)).toEqual(running), 20_000);
  }

  expect(screen.steps.slice(0, 5), `seed ${String(SEED)}: a screen stepped back`).toEqual([]);
  expect(screen.updates).toBeGreaterThan(50);
  expect(screen.joins).toBeGreaterThan(HUB_KILLS);
  console.log(
    `truth: seed ${String(SEED)}, ${String(total)} records, ${String(tape.values.length)} values, ${String(finals.size)} keys, ${String(done.length)} kills, ${String(withUnsent)} with unacknowledged values, ${String(screen.updates)} screen updates`,
  );
  expect(withUnsent, 'kills with unacknowledged values in flight').toBeGreaterThanOrEqual(20);

  await Promise.all([compute.end('SIGTERM'), hub.end('SIGTERM'), fresh.end('SIGTERM')]);
  await Promise.all([writer.close(), catalog.close()]);
});

const get = async (url: string): Promise<unknown> => {
  const reply = await fetch(url);
  if (!reply.ok) throw new Error(`${url}: ${String(reply.status)} ${await reply.text()}`);
  return reply.json();
};

async function apply(url: string, topic: string): Promise<void> {
  const reply = await fetch(`${url}/api/v1/definitions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ files: [{ name: 'truth.yaml', text: definitionsFor(topic) }] }),
  });
  const text = await reply.text();
  expect(reply.status, text).toBe(200);
}

/** All values of a metric, without what differs from hub to hub (freshness). */
async function valuesOf(url: string, metric: string): Promise<ValuesReply['values']> {
  const query = `from=${String(START_AT - 3_600_000)}&to=${String(Date.now())}&limit=10000`;
  const reply = valuesReplySchema.parse(
    await get(`${url}/api/v1/metrics/${metric}/values?${query}`),
  );
  expect(reply.truncated).toBe(false);
  return reply.values.toSorted(
    (a, b) =>
      a.window.start - b.window.start || (JSON.stringify(a.dims) < JSON.stringify(b.dims) ? -1 : 1),
  );
}

/** Offsets of the values topic whose records compaction has removed. */
async function compactedRecords(brokers: readonly string[], topic: string): Promise<number> {
  const records = await readSource(brokers, topic);
  return [...records.values()].reduce(
    (sum, list: readonly ReferenceRecord[]) =>
      sum + ((list.at(-1)?.offset ?? -1) + 1 - list.length),
    0,
  );
}

/** Asks again until the check holds; its last failure when it never does. */
async function eventually(check: () => Promise<void>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(100, new AbortController().signal);
    }
  }
}
