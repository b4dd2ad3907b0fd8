import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MetricPlan, PlanMeasure } from '#lib/contracts/plan.ts';
import { ratioValue } from '#lib/engine/measure.ts';
import { compileMetric } from '#lib/engine/metric-program.ts';
import { MetricState, type CellJson } from '#lib/engine/metric-state.ts';
import { PartitionState } from '#lib/engine/partition-state.ts';
import { TaskState } from '#lib/engine/task-state.ts';
import {
  computeBatch,
  type ReferenceMeasure,
  type ReferenceMetric,
  type ReferenceRecord,
} from '#lib/testing/batch-reference.ts';

const SIZE = 10_000;
const LATENESS = 15_000;
const AHEAD = 20_000;
const BASE = 1_700_000_000_000;
/** Times come in halves of a second, so that borders are hit exactly and often. */
const TICK = 500;
const ticks = (min: number, max: number) => fc.integer({ min, max }).map((n) => n * TICK);

const cents = (field: string) => (record: Record<string, unknown>) => {
  const value = record[field];
  return value === null || value === undefined ? null : BigInt(Math.round(Number(value) * 100));
};
const failed = (record: Record<string, unknown>) => record['status'] === 'failed';

const MEASURES: readonly (readonly [PlanMeasure, ReferenceMeasure])[] = [
  [{ kind: 'count', where: null }, { kind: 'count' }],
  [
    { kind: 'count', where: "status == 'failed'" },
    { kind: 'count', where: failed },
  ],
  [
    { kind: 'sum', of: 'amount' },
    { kind: 'sum', cents: cents('amount') },
  ],
  [
    { kind: 'avg', of: 'amount' },
    { kind: 'avg', cents: cents('amount') },
  ],
  [
    { kind: 'min', of: 'amount' },
    { kind: 'min', cents: cents('amount') },
  ],
  [
    { kind: 'max', of: 'amount' },
    { kind: 'max', cents: cents('amount') },
  ],
  [
    {
      kind: 'ratio',
      of: { kind: 'count', where: "status == 'failed'" },
      to: { kind: 'count', where: null },
    },
    { kind: 'ratio', of: failed },
  ],
];

const planOf = (measure: PlanMeasure, grouped: boolean, filtered: boolean): MetricPlan => ({
  v: 1,
  kind: 'metric',
  metric: 'm',
  version: '1-abc',
  emitEveryMs: 0,
  closure: {
    engine: 1,
    stream: {
      name: 's',
      cluster: 'main',
      topic: 't',
      format: 'json',
      eventTime: { field: 'at', as: 'epoch-ms' },
      aheadMs: AHEAD,
      fields: {
        at: { type: 'int', class: 'internal' },
        status: { type: 'string', class: 'internal' },
        provider: { type: 'string', class: 'internal' },
        amount: { type: 'decimal', scale: 2, class: 'financial' },
      },
    },
    where: filtered ? "status != 'pending'" : null,
    groupBy: grouped ? ['provider'] : [],
    window: { kind: 'tumbling', sizeMs: SIZE },
    measure,
    latenessMs: LATENESS,
    horizonMs: 1_000_000_000,
    start: 'earliest',
  },
});

const referenceOf = (
  measure: ReferenceMeasure,
  grouped: boolean,
  filtered: boolean,
): ReferenceMetric => ({
  eventAt: (record) => (typeof record['at'] === 'number' ? record['at'] : null),
  invalid: (record) => record['amount'] === 'rubbish' && 'cents' in measure,
  where: (record) => !filtered || record['status'] !== 'pending',
  dims: (record) => (grouped ? { provider: record['provider'] ?? null } : {}),
  measure,
  sizeMs: SIZE,
  latenessMs: LATENESS,
  aheadMs: AHEAD,
});

/** One record: mostly good, in disorder, sometimes far late, from the future, or no JSON at all. */
const record = fc.record({
  step: ticks(0, 8),
  back: fc.oneof({ weight: 8, arbitrary: ticks(0, 16) }, ticks(0, 120)),
  ahead: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, ticks(0, 50)),
  status: fc.constantFrom('failed', 'succeeded', 'pending'),
  provider: fc.constantFrom('stripe', 'adyen', null),
  amount: fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: -50_000, max: 50_000 }).map((n) => n / 100) },
    fc.constant(null),
    fc.constant('rubbish'),
  ),
  garbage: fc.oneof(
    { weight: 30, arbitrary: fc.constant(null) },
    fc.constantFrom('nonsense', '[]', '{"at":"x"}', '7'),
  ),
});

const log = fc.array(record, { maxLength: 150, size: 'max' }).map((list): ReferenceRecord[] => {
  let now = BASE;
  return list.map(({ step, back, ahead, garbage, ...rest }, offset) => {
    now += step;
    return {
      offset,
      timestamp: now,
      value: garbage ?? JSON.stringify({ at: now - back + ahead, ...rest }),
    };
  });
});

const partitionAt = (id: number, from: number) =>
  PartitionState.fresh({ topic: 't', partition: id, id: null, next: from }, AHEAD);

function valuesOf(metric: MetricState, task: TaskState) {
  const values = new Map<string, unknown>();
  for (const [start, window] of metric.windows) {
    for (const [dims, cell] of window) {
      if (cell.in === 0) continue;
      const [one, two] = cell.measures;
      const { value, parts } = two ? ratioValue(one!.value(), two.value()) : one!.value();
      const partial = task.isPartial(start, start + SIZE, LATENESS);
      values.set(`${String(start)}|${dims}`, {
        value,
        parts,
        in: cell.in,
        late: cell.late,
        partial,
      });
    }
  }
  return values;
}

/** The same task out of its own checkpoint, through JSON text. */
function reborn(task: TaskState): TaskState {
  const metrics = task.metrics.map((old) => {
    const metric = new MetricState(old.program, old.counts);
    for (const [start, window] of old.windows)
      for (const [dims, cell] of window)
        metric.restore(start, dims, JSON.parse(JSON.stringify(old.cellJson(cell))) as CellJson);
    return metric;
  });
  const copy = new TaskState(task.stream, metrics);
  for (const partition of task.partitions.values())
    copy.addPartition(new PartitionState(JSON.parse(JSON.stringify(partition.json())), AHEAD));
  return copy;
}

describe('the engine against the batch reference', () => {
  const scenario = fc.record({
    logs: fc.array(log, { minLength: 1, maxLength: 4 }),
    froms: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 4, maxLength: 4 }),
    turns: fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 20 }), fc.boolean()), {
      maxLength: 60,
      size: 'max',
    }),
    measure: fc.nat(MEASURES.length - 1),
    grouped: fc.boolean(),
    filtered: fc.boolean(),
  });

  test('[EN5, MS2, WN3, WN8] every value at any moment is the batch over its own inputs, whatever the interleaving, batch borders and restarts', () => {
    fc.assert(
      fc.property(scenario, ({ logs, froms, turns, measure, grouped, filtered }) => {
        const [planMeasure, reference] = MEASURES[measure]!;
        const program = compileMetric(planOf(planMeasure, grouped, filtered));
        let task = new TaskState(program.plan.closure.stream, [new MetricState(program)]);
        const partitions = new Map(logs.map((records, i) => [`t-${String(i)}`, records]));
        logs.forEach((_, i) => task.addPartition(partitionAt(i, froms[i]!)));
        const check = () =>
          expect(valuesOf(task.metrics[0]!, task)).toEqual(
            computeBatch(referenceOf(reference, grouped, filtered), partitions, task.inputs()),
          );
        const advance = (index: number, count: number) => {
          const partition = task.partitions.get(`t-${String(index)}`)!;
          for (const { offset, timestamp, value } of logs[index]!.filter(
            (r) => r.offset >= partition.next,
          ).slice(0, count)) {
            task.apply(
              partition,
              { offset, timestamp, text: value },
              { fetchedAt: 1, computedAt: 1 },
              () => undefined,
            );
            partition.next = offset + 1;
          }
        };
        for (const [index, count, restart] of turns) {
          advance(index % logs.length, count);
          if (restart) task = reborn(task);
        }
        check();
        logs.forEach((records, i) => advance(i, records.length));
        check();
        const { counts } = task.metrics[0]!;
        expect(counts.in + counts.filtered + counts.invalid + counts.late + counts.expired).toBe(
          counts.read,
        );
      }),
      { numRuns: 400 },
    );
  });
});
