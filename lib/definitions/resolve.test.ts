import { describe, expect, it } from 'vitest';
import type { MetricPlan } from '#lib/contracts/plan.ts';
import { closureSchema } from '#lib/contracts/plan.ts';
import { metricFaceSchema } from '#lib/contracts/feed.ts';
import { canonicalJson } from './canonical-json.ts';
import { differencesOf } from './differences.ts';
import { definitionJsonSchema } from './json-schema.ts';
import { faceOf } from './metric-face.ts';
import { quietAfterOf } from './quiet-after.ts';
import { ENGINE_SEMANTICS, resolveClosure } from './resolve-closure.ts';
import { resolveObjective } from './resolve-objective.ts';
import { KIND_SCHEMAS } from './schema.ts';

const common = (name: string) => ({ apiVersion: 'freshet/v1', metadata: { name, owner: 'shop' } });
const stream = KIND_SCHEMAS.Stream.parse({
  ...common('orders'),
  kind: 'Stream',
  spec: {
    topic: 'shop.orders',
    fields: { amount: { type: 'decimal', scale: 2 }, status: { type: 'string' } },
  },
});
const metric = (spec: object = {}, metadata: object = {}) =>
  KIND_SCHEMAS.Metric.parse({
    ...common('orders_per_minute'),
    metadata: { name: 'orders_per_minute', owner: 'shop', ...metadata },
    kind: 'Metric',
    spec: { from: 'orders', window: { kind: 'tumbling', size: '1m' }, measure: 'count()', ...spec },
  });
const objective = (spec: object) =>
  KIND_SCHEMAS.Objective.parse({
    ...common('o'),
    kind: 'Objective',
    spec: { metric: 'orders_per_minute', target: '30s', ...spec },
  });

describe('resolveClosure', () => {
  it('[DF6] holds what decides a value, in milliseconds and canonical expressions', () => {
    const closure = resolveClosure(
      metric({ where: "status=='paid'", measure: 'sum( amount )', lateness: '2m' }),
      stream,
    );
    expect(closureSchema.parse(closure)).toStrictEqual({
      engine: ENGINE_SEMANTICS,
      stream: {
        name: 'orders',
        cluster: 'main',
        topic: 'shop.orders',
        format: 'json',
        eventTime: { as: 'record' },
        aheadMs: 3_600_000,
        fields: {
          amount: { type: 'decimal', scale: 2, class: 'internal' },
          status: { type: 'string', class: 'internal' },
        },
      },
      where: 'status == "paid"',
      groupBy: [],
      window: { kind: 'tumbling', sizeMs: 60_000 },
      measure: { kind: 'sum', of: 'amount' },
      latenessMs: 120_000,
      horizonMs: 86_400_000,
      start: 'earliest',
    });
  });

  it('[DF6] is equal for definitions that differ in attributes, units of time or layout', () => {
    const one = metric({ where: "status == 'paid'", lateness: '1m' });
    const other = metric(
      {
        where: " ( status=='paid' ) ",
        lateness: '60s',
        window: { kind: 'tumbling', size: '60s' },
        unit: 'orders',
        good: 'up',
        show: 'current',
        actionWindow: '30s',
        quietAfter: '1m',
        emit: { every: '1s' },
      },
      { title: 'Orders', owner: 'other', runbook: 'https://runbooks.example/x', description: 'x' },
    );
    expect(canonicalJson(resolveClosure(one, stream))).toBe(
      canonicalJson(resolveClosure(other, stream)),
    );
  });

  it.each([
    { where: "status == 'paid'" },
    { groupBy: ['status'] },
    { measure: 'sum(amount)' },
    { window: { kind: 'tumbling', size: '2m' } },
    { lateness: '2m' },
    { replay: { horizon: '1h' } },
    { start: 'now' },
  ])('[DF6] differs for %j', (spec) => {
    const plain = canonicalJson(resolveClosure(metric(), stream));
    expect(canonicalJson(resolveClosure(metric(spec), stream))).not.toBe(plain);
  });

  it('[DF6] refuses a metric that does not fit its stream', () => {
    expect(() => resolveClosure(metric({ measure: 'sum(amout)' }), stream)).toThrow(
      /does not fit stream "orders": unknown field `amout`/,
    );
    expect(() => resolveClosure(metric({ where: 'amount' }), stream)).toThrow(
      /expected a condition/,
    );
  });
});

describe('canonicalJson', () => {
  it('[DF6] sorts keys at every depth and keeps the order of lists', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }, 'x'], a: undefined, A: true })).toBe(
      '{"A":true,"b":[{"c":null,"d":1},"x"]}',
    );
  });
});

describe('defaults', () => {
  it('[DF9] stops trusting at three times the target, unless it says otherwise', () => {
    expect(resolveObjective(objective({}))).toStrictEqual({
      targetMs: 30_000,
      stopTrustingMs: 90_000,
    });
    expect(resolveObjective(objective({ stopTrusting: '31s' })).stopTrustingMs).toBe(31_000);
  });

  it('[DF9] is quiet after a window without events, at most five minutes', () => {
    expect(quietAfterOf(metric())).toBe(60_000);
    expect(quietAfterOf(metric({ window: { kind: 'tumbling', size: '1h' } }))).toBe(300_000);
    expect(quietAfterOf(metric({ quietAfter: '20m' }))).toBe(1_200_000);
  });
});

describe('faceOf', () => {
  it('[DF9] shows the metric as its attributes say, with a title made of its name where there is none', () => {
    const definition = metric({
      unit: 'EUR',
      good: 'up',
      measure: { ratio: { of: 'count()', to: 'count()' } },
    });
    const closure = resolveClosure(definition, stream);
    const plan: MetricPlan = {
      v: 1,
      kind: 'metric',
      metric: 'orders_per_minute',
      version: '1-abc',
      closure,
      emitEveryMs: 250,
    };
    expect(metricFaceSchema.parse(faceOf(definition, plan))).toStrictEqual({
      metric: 'orders_per_minute',
      version: '1-abc',
      title: 'Orders per minute',
      owner: 'shop',
      runbook: null,
      unit: 'EUR',
      good: 'up',
      groupBy: [],
      windowMs: 60_000,
      measure: 'ratio',
      show: 'complete',
      topics: ['shop.orders'],
    });
    expect(faceOf(metric({ measure: ' max(amount)' }), null)).toMatchObject({
      version: null,
      measure: 'max',
      topics: [],
    });
  });
});

describe('differencesOf', () => {
  it('[DF8] names each path that changed, with both texts', () => {
    const before = { spec: { size: '1m', groupBy: ['a'], gone: { x: 1 } } };
    const after = { spec: { size: '2m', groupBy: ['a', 'b'], made: true } };
    expect(differencesOf(before, after)).toStrictEqual([
      { path: 'spec.size', before: '1m', after: '2m' },
      { path: 'spec.groupBy.1', before: '(absent)', after: 'b' },
      { path: 'spec.made', before: '(absent)', after: 'true' },
      { path: 'spec.gone.x', before: '1', after: '(absent)' },
    ]);
    expect(differencesOf(before, before)).toStrictEqual([]);
  });

  it('[DF8] follows panels by their id, so that a new first one is one change', () => {
    const a = { id: 'a', w: 3 };
    const b = { id: 'b', w: 3 };
    expect(
      differencesOf({ panels: [a] }, { panels: [b, a] }).map(({ path }) => path),
    ).toStrictEqual(['panels.b.id', 'panels.b.w']);
  });
});

describe('definitionJsonSchema', () => {
  it('[DF9] describes what people write: durations are texts, defaults may be left out', () => {
    const text = JSON.stringify(definitionJsonSchema());
    expect(text).toContain('"stopTrusting":{"type":"string"');
    expect(text).toContain('"required":["from","window","measure"]');
  });
});
