import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MetricProgress } from '#lib/contracts/progress.ts';
import type { MetricPlan } from '#lib/contracts/plan.ts';
import {
  judgePartition,
  valueOf,
  type ReferenceMetric,
  type ReferenceRecord,
} from '#lib/testing/batch-reference.ts';
import { planFor } from '#lib/testing/plan-builder.ts';
import { ShopRandom } from '#server/demo/shop-random.ts';
import { HandClock } from '#server/memory/hand-clock.ts';
import { MemoryCheckpoints } from '#server/memory/memory-checkpoints.ts';
import type { CheckpointStore } from '#server/ports/checkpoint-store.ts';
import type { LogAppend } from '#server/ports/log-writer.ts';
import { writesTo } from './fixtures/around-appends.ts';
import { ComputeWorld, SOURCE, type PublishedValue } from './fixtures/compute-world.ts';
import { MortalCompute, type Death } from './fixtures/mortal-compute.ts';

const SEED = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const WORLDS = 6;
const LIVES = 40;
const RECORDS = 300;
const PARTITIONS = 3;
const STEP_MS = 10;
/** Chance of a few records per step: they come all the time, so that computers die over unsaved work. */
const SELL = 0.06;
/** So long nothing of a computer that works stays undone: far more than its slowest loop. */
const PATIENCE_STEPS = 1_000;

type Json = Record<string, unknown>;
const provider = (record: Json): Json => ({ provider: record['provider'] ?? null });
const common = {
  aheadMs: 60_000,
  eventAt: (record: Json) => (typeof record['paid_at'] === 'number' ? record['paid_at'] : null),
};

/** Metrics of one task, and what they mean in plain functions. */
const METRICS: readonly (readonly [MetricPlan, ReferenceMetric])[] = [
  [
    planFor({
      metric: 'by_provider',
      topic: SOURCE,
      measure: { kind: 'count', where: null },
      groupBy: ['provider'],
      sizeMs: 1_000,
      latenessMs: 500,
    }),
    {
      ...common,
      where: () => true,
      dims: provider,
      measure: { kind: 'count' },
      sizeMs: 1_000,
      latenessMs: 500,
    },
  ],
  [
    planFor({
      metric: 'revenue',
      topic: SOURCE,
      measure: { kind: 'sum', of: 'amount' },
      where: "status != 'failed'",
      sizeMs: 2_000,
      latenessMs: 250,
      emitEveryMs: 40,
    }),
    {
      ...common,
      invalid: (record) => record['amount'] === 'rubbish',
      where: (record) => record['status'] !== 'failed',
      dims: () => ({}),
      measure: {
        kind: 'sum',
        cents: (record) =>
          record['amount'] == null ? null : BigInt(Math.round(Number(record['amount']) * 100)),
      },
      sizeMs: 2_000,
      latenessMs: 250,
    },
  ],
];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** One cluster and one store, in which computers live, die and follow each other. Everything is drawn from the seed. */
class CrashingWorld {
  readonly clock = new HandClock();
  readonly world = new ComputeWorld(this.clock, PARTITIONS);
  readonly source: (ReferenceRecord & { readonly appendedAt: number })[][] = [];
  /** Progress as it was sent, with how many values the topic held then. */
  readonly said: { readonly progress: MetricProgress; readonly values: number }[] = [];
  readonly deaths = new Map<string, number>();
  readonly #random: ShopRandom;
  readonly #checkpoints = new MemoryCheckpoints();
  readonly #ends: Promise<unknown>[] = [];
  readonly #underWay: { readonly appends: readonly LogAppend[]; landsAt: number }[] = [];
  #steps = 0;
  #records = 0;

  constructor(seed: string) {
    this.#random = new ShopRandom(seed);
    for (let p = 0; p < PARTITIONS; p += 1) this.source.push([]);
    for (const [plan] of METRICS) this.world.plan(plan);
  }

  async live(): Promise<void> {
    const store = await this.#checkpoints.open();
    for (let life = 1; life <= LIVES; life += 1) {
      const doomed = this.#doom();
      const compute = new MortalCompute(this.world, store, `life-${String(life)}`, doomed.fate);
      this.#ends.push(compute.ended);
      for (let step = 0; step < doomed.steps && !compute.isOver; step += 1) {
        if (this.#records < RECORDS && this.#random.next() < SELL) this.#sell();
        await this.#step();
      }
      if (!compute.isOver) this.#count('in between');
      compute.die();
      if (compute.underWay.length > 0)
        this.#underWay.push({
          appends: compute.underWay,
          landsAt: this.#steps + this.#random.whole(0, 60),
        });
    }
    while (this.#records < RECORDS) this.#sell();
    while (this.#underWay.length > 0) await this.#step();
    let last = this.#immortal(store);
    const finishedAt = this.clock.now();
    for (let step = 0; !this.#isDone(finishedAt); step += 1) {
      if (step > PATIENCE_STEPS) throw new Error('the last computer does not get done');
      // A fault that was left over may have ended it, as any failure may: then it is started again.
      if (last.isOver) last = this.#immortal(store);
      await this.#step();
    }
    last.die();
    for (let step = 0; step < 10; step += 1) await this.#step();
    await Promise.all(this.#ends);
    await store.close();
  }

  #immortal(store: CheckpointStore): MortalCompute {
    const fate = {
      death: (appends: readonly LogAppend[] | null) => this.#hear(appends),
      latencyMs: () => 0,
    };
    const compute = new MortalCompute(this.world, store, 'last', fate);
    this.#ends.push(compute.ended);
    return compute;
  }

  /** Everything that was sold is published, as the computer that lives says itself. */
  #isDone(finishedAt: number): boolean {
    return METRICS.every(([plan]) => {
      const mine = this.said.filter(({ progress }) => progress.metric === plan.metric);
      const progress = mine.at(-1)?.progress;
      return (
        progress?.instance === 'last' &&
        progress.phase.kind === 'running' &&
        (progress.frontier ?? 0) > finishedAt &&
        progress.partitions.every(({ partition, next }) => next === this.source[partition]?.length)
      );
    });
  }

  async #step(): Promise<void> {
    this.#steps += 1;
    this.clock.advance(STEP_MS);
    vi.advanceTimersByTime(STEP_MS);
    await this.clock.settle();
    for (const late of this.#underWay.filter(({ landsAt }) => landsAt <= this.#steps)) {
      this.#underWay.splice(this.#underWay.indexOf(late), 1);
      for (const { topic, partition, records } of late.appends)
        this.world.cluster.append(topic, partition, records);
    }
  }

  /** When and how a life ends: at one of its writes, or at any moment between them. */
  #doom() {
    const random = this.#random;
    const latencyMs = () => (random.next() < 0.5 ? 0 : random.whole(1, 40));
    let writes = random.whole(1, 30);
    const death: Death = random.pick([
      ['before', 2],
      ['after', 3],
      ['under-way', 2],
    ]);
    const deathAt = (appends: readonly LogAppend[] | null): Death | null => {
      this.#hear(appends);
      writes -= 1;
      if (writes === 0) {
        // A file that is being written ends with its process.
        const how = appends === null && death === 'under-way' ? 'before' : death;
        this.#count(`${how} ${appends?.[0]?.topic ?? 'checkpoint'}`);
        return how;
      }
      if (appends !== null && random.next() < 0.08)
        this.world.cluster.failNextAppend(random.next() < 0.5 ? 'lose-ack' : 'refuse');
      return null;
    };
    return { fate: { death: deathAt, latencyMs }, steps: random.whole(20, 250) };
  }

  #hear(appends: readonly LogAppend[] | null): null {
    if (appends === null || !writesTo(this.world.topics.progress, appends)) return null;
    const values = this.world.values().length;
    for (const { value } of appends.flatMap(({ records }) => records))
      this.said.push({ progress: JSON.parse(value ?? '') as MetricProgress, values });
    return null;
  }

  /** A few payments in disorder, some too late, some rubbish; the last partition sleeps for long. */
  #sell(): void {
    const random = this.#random;
    const partition = random.pick([
      [0, 10],
      [1, 5],
      [2, 1],
    ]);
    const now = this.clock.now();
    const batch = Array.from({ length: random.whole(1, 3) }, () => this.#payment(now));
    const base = this.world.cluster.append(
      SOURCE,
      partition,
      batch.map((value) => ({ key: null, value })),
    );
    batch.forEach((value, i) =>
      this.source[partition]?.push({ offset: base + i, timestamp: now, value, appendedAt: now }),
    );
    this.#records += batch.length;
  }

  #payment(now: number): string {
    const random = this.#random;
    if (random.next() < 0.01) return 'no json';
    const back = random.next() < 0.1 ? random.whole(0, 4_000) : random.whole(0, 300);
    return JSON.stringify({
      paid_at: now - back + (random.next() < 0.01 ? 100_000 : 0),
      status: random.pick([
        ['ok', 4],
        ['failed', 1],
      ]),
      provider: random.pick([
        ['stripe', 3],
        ['adyen', 1],
      ]),
      amount: random.next() < 0.02 ? 'rubbish' : random.whole(0, 20_000) / 100,
    });
  }

  #count(what: string): void {
    this.deaths.set(what, (this.deaths.get(what) ?? 0) + 1);
  }
}

/** The batch over any inputs, of one value: `<window start>|<dims>`. */
class Batch {
  readonly ids: ReadonlySet<string>;
  readonly #reference: ReferenceMetric;
  readonly #verdicts: readonly (readonly [string, ReturnType<typeof judgePartition>])[];

  constructor(reference: ReferenceMetric, source: readonly (readonly ReferenceRecord[])[]) {
    this.#reference = reference;
    this.#verdicts = source.map((records, partition) => [
      `${SOURCE}-${String(partition)}`,
      judgePartition(reference, records, 0),
    ]);
    const ids = this.#verdicts.flatMap(([, verdicts]) => verdicts.map(({ id }) => id));
    this.ids = new Set(ids.filter((id) => id !== null));
  }

  value(id: string, next: (partition: string) => number) {
    const mine = this.#verdicts.flatMap(([partition, verdicts]) =>
      verdicts.filter((verdict) => verdict.id === id && verdict.offset < next(partition)),
    );
    return valueOf(this.#reference, mine);
  }
}

const idOf = ({ value }: PublishedValue) =>
  `${String(value.window.start)}|${JSON.stringify(value.dims)}`;
const nextOf = (published: PublishedValue | undefined, partition: string) =>
  published?.value.inputs?.[partition]?.next ?? 0;
const given = (published: PublishedValue | undefined) =>
  published === undefined || published.value.withdrawn === true
    ? null
    : {
        value: published.value.value,
        parts: published.value.parts,
        in: published.value.counts?.in,
        late: published.value.counts?.late,
      };

describe.each(Array.from({ length: WORLDS }, (_, world) => `${String(SEED)}.${String(world)}`))(
  `${String(LIVES)} computers that die one after another (seed %s)`,
  (seed) => {
    test('[CP2, PB1, PB4] every value is the batch over its own inputs, the last of each key the batch over everything, nothing steps back, and no frontier is ahead of its values', async () => {
      const crashing = new CrashingWorld(seed);
      await crashing.live();
      const { world, source, said, deaths } = crashing;
      const all = world.values();
      expect([...deaths.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThan(LIVES / 2);
      expect(all.length).toBeGreaterThan(100);
      // Starts that found values which the store or the topic had beyond the other: what this test is about.
      const unsent = world.logger.lines.filter(
        ({ event, facts }) =>
          event === 'compute:resumed' && Number(facts['dirty']) + Number(facts['found']) > 0,
      );
      expect(unsent.length).toBeGreaterThan(LIVES / 8);

      for (const [{ metric }, reference] of METRICS) {
        const batch = new Batch(reference, source);
        const mine = all.filter(({ value }) => value.metric === metric);
        const current = new Map<string, PublishedValue>();
        for (const published of mine) {
          const id = idOf(published);
          expect(given(published), `${published.key}@${String(published.offset)}`).toEqual(
            batch.value(id, (partition) => nextOf(published, partition)),
          );
          if (published.isFenced) continue;
          const before = current.get(id);
          for (const partition of Object.keys(before?.value.inputs ?? {}))
            expect(nextOf(published, partition)).toBeGreaterThanOrEqual(nextOf(before, partition));
          current.set(id, published);
        }
        const latest = new Map(mine.map((published) => [idOf(published), published]));
        for (const id of batch.ids) {
          const want = batch.value(id, () => Infinity);
          expect(given(latest.get(id)), `last of ${metric} ${id}`).toEqual(want);
          expect(given(current.get(id)), `what a hub holds of ${metric} ${id}`).toEqual(want);
        }
        expect([...latest.keys()].filter((id) => !batch.ids.has(id))).toEqual([]);

        for (const { progress, values } of said) {
          if (progress.metric !== metric || progress.frontier === null) continue;
          const { frontier } = progress;
          const proven = new Map(
            source.map((records, partition) => [
              `${SOURCE}-${String(partition)}`,
              records.filter(({ appendedAt }) => appendedAt < frontier).length,
            ]),
          );
          const held = new Map(
            all
              .slice(0, values)
              .filter(({ value, isFenced }) => value.metric === metric && !isFenced)
              .map((published) => [idOf(published), published]),
          );
          for (const id of batch.ids) {
            const shown = held.get(id);
            expect(given(shown), `${metric} ${id} at frontier ${String(frontier)}`).toEqual(
              batch.value(id, (p) => Math.max(nextOf(shown, p), proven.get(p) ?? 0)),
            );
          }
        }
      }
    }, 20_000);
  },
);
