import { describe, expect, it, vi } from 'vitest';
import { metricPlanSchema, type MetricPlan } from '#lib/contracts/plan.ts';
import type { ApplyRequest } from '#lib/contracts/rest.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { epochMs, type MonoMs } from '#lib/time/instant.ts';
import { HandClock } from '#server/memory/hand-clock.ts';
import { SilentLogger } from '#server/memory/silent-logger.ts';
import type { StoredDefinition } from '#server/ports/hub-store.ts';
import type { LogAppend, LogWriter } from '#server/ports/log-writer.ts';
import { DefinitionService } from './definition-service.ts';

/** The part of the hub's store that definitions use. It outlives a service, as the file does. */
class DefinitionStore {
  readonly rows = new Map<string, StoredDefinition>();
  readonly versions = new Map<string, number>();
  async definitions(): Promise<readonly StoredDefinition[]> {
    return [...this.rows.values()];
  }
  async changeDefinitions(
    put: readonly StoredDefinition[],
    remove: readonly { kind: string; name: string }[],
  ) {
    for (const { kind, name } of remove) this.rows.delete(`${kind}/${name}`);
    for (const row of put) {
      this.rows.set(`${row.kind}/${row.name}`, row);
      const number = Number.parseInt(row.plan?.version ?? '0', 10);
      this.versions.set(row.name, Math.max(number, this.versions.get(row.name) ?? 0));
    }
  }
  async markPlanPublished(metric: string, version: string) {
    const row = this.rows.get(`Metric/${metric}`);
    if (row?.plan?.version === version)
      this.rows.set(`Metric/${metric}`, { ...row, planPublished: true });
  }
  async highestVersion(metric: string) {
    return this.versions.get(metric) ?? 0;
  }
}

/** Keeps what was appended; away, it refuses as the real one does. */
class CapturingWriter implements LogWriter {
  readonly topic = new Map<string, MetricPlan | null>();
  readonly log: string[] = [];
  away = false;
  /** Called once, between the append and its acknowledgement. */
  beforeAck: (() => Promise<void>) | null = null;
  async append(appends: readonly LogAppend[]) {
    if (this.away) throw new AppError('kafka/unreachable', 'Records could not be written.');
    for (const { topic, partition, records } of appends) {
      expect([topic, partition]).toStrictEqual(['freshet.definitions', 0]);
      for (const { key, value } of records) {
        if (key === null) throw new Error('a plan has a key');
        this.topic.set(key, value === null ? null : metricPlanSchema.parse(JSON.parse(value)));
        this.log.push(
          `${key} ${value === null ? 'tombstone' : (JSON.parse(value) as MetricPlan).version}`,
        );
      }
    }
    const { beforeAck } = this;
    this.beforeAck = null;
    await beforeAck?.();
    return { acks: [], sentAt: 0 as MonoMs, ackedAt: 0 as MonoMs };
  }
  async close() {}
}

const stream = (spec = 'topic: shop.orders') => `apiVersion: freshet/v1
kind: Stream
metadata: { name: orders, owner: shop }
spec:
  ${spec}
  fields: { amount: { type: decimal, scale: 2 }, status: { type: string } }
`;
const metric = (spec = 'measure: count()', name = 'sales') => `apiVersion: freshet/v1
kind: Metric
metadata: { name: ${name}, owner: shop }
spec: { from: orders, window: { kind: tumbling, size: 1m }, ${spec} }
`;
const objective = `apiVersion: freshet/v1
kind: Objective
metadata: { name: sales, owner: shop }
spec: { metric: sales, target: 30s }
`;
const board = `apiVersion: freshet/v1
kind: Board
metadata: { name: shop, owner: shop }
spec: { panels: [{ id: a, kind: number, metric: sales, at: { x: 0, y: 0, w: 3, h: 2 } }] }
`;

async function bench(store = new DefinitionStore(), writer = new CapturingWriter()) {
  const clock = new HandClock();
  const logger = new SilentLogger();
  const parts = { store, writer, topic: 'freshet.definitions', clock, logger };
  const service = await DefinitionService.load(parts);
  const apply = (texts: readonly string[], options: Partial<ApplyRequest> = {}) =>
    service.apply({
      set: 'default',
      dryRun: false,
      onlyAbsent: false,
      takeOver: false,
      prune: false,
      files: [{ name: 'shop.yaml', text: texts.join('---\n') }],
      ...options,
    });
  /** `kind/name action version-number` of each change. */
  const did = async (texts: readonly string[], options?: Partial<ApplyRequest>) => {
    const { changes, problems } = await apply(texts, options);
    const errors = problems.map(({ message }) => message);
    return [
      ...changes.map(({ name, action, version }) =>
        [name, action, ...(version === null ? [] : [version.replace(/-.*/, '')])].join(' '),
      ),
      ...errors,
    ];
  };
  return { service, store, writer, clock, logger, apply, did };
}

describe('DefinitionService', () => {
  it('[DF10] stores all of a request, tells listeners once, and hands out what is in force', async () => {
    const { service, store, apply } = await bench();
    const heard = vi.fn();
    const stop = service.subscribe(heard);
    const reply = await apply([stream(), metric(), objective, board]);
    expect(reply).toMatchObject({ applied: true, problems: [] });
    expect(reply.changes.map(({ action }) => action)).toStrictEqual([
      'create',
      'create',
      'create',
      'create',
    ]);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(store.rows.size).toBe(4);
    expect(service.metric('sales')?.spec.window.size).toBe(60_000);
    expect(service.metrics()).toHaveLength(1);
    expect(service.boards()).toHaveLength(1);
    expect(service.board('shop')?.metadata.name).toBe('shop');
    expect(service.stream('orders')?.spec.topic).toBe('shop.orders');
    expect(service.objective('sales')?.spec.target).toBe(30_000);
    expect(service.objective('orders')).toBeNull();
    expect(service.plan('sales')).toMatchObject({ metric: 'sales', emitEveryMs: 250 });
    expect(service.plan('sales')?.version).toMatch(/^1-[0-9a-f]{12}$/);
    stop();
    await apply([metric('measure: sum(amount)')]);
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('[DF10] stores nothing when one object has an error, and says which', async () => {
    const { store, apply } = await bench();
    const reply = await apply([stream(), metric('measure: sum(amout)')]);
    expect(reply).toMatchObject({ applied: false, changes: [] });
    expect(reply.problems).toMatchObject([{ file: 'shop.yaml', message: 'unknown field `amout`' }]);
    expect(store.rows.size).toBe(0);
  });

  it('[DF10] a dry run says what would change and changes nothing', async () => {
    const { service, store, apply } = await bench();
    const reply = await apply([stream(), metric()], { dryRun: true });
    expect(reply.applied).toBe(false);
    expect(reply.changes.map(({ action }) => action)).toStrictEqual(['create', 'create']);
    expect(store.rows.size).toBe(0);
    expect(service.metrics()).toStrictEqual([]);
  });

  it('[DF10] what is applied again is unchanged, also written differently', async () => {
    const { store, did } = await bench();
    await did([stream(), metric()]);
    const before = new Map(store.rows);
    expect(await did([stream(), metric().replaceAll('{ from', '{   from')])).toStrictEqual([
      'orders unchanged',
      'sales unchanged 1',
    ]);
    expect(store.rows).toStrictEqual(before);
  });

  it('[DF3] refuses a change that breaks what is applied already', async () => {
    const { did, service } = await bench();
    await did([stream(), metric('measure: sum(amount)')]);
    const without = stream().replace('amount: { type: decimal, scale: 2 }, ', '');
    expect(await did([without])).toStrictEqual(['unknown field `amount`']);
    expect(service.stream('orders')?.spec.fields).toHaveProperty('amount');
    expect(await did([metric()], { prune: true })).toStrictEqual(['unknown stream `orders`']);
  });

  it('[DF12] starts a version when the closure changes, and never revives an old one', async () => {
    const { did, service } = await bench();
    await did([stream(), metric()]);
    const first = service.plan('sales')?.version ?? '';
    expect(await did([metric('measure: sum(amount)')])).toStrictEqual(['sales new-version 2']);
    expect(await did([metric()])).toStrictEqual(['sales new-version 3']);
    expect(service.plan('sales')?.version).toBe(first.replace('1-', '3-'));
  });

  it('[DF12] attributes and the layout of expressions start no version', async () => {
    const { apply, did, service, writer } = await bench();
    await did([stream(), metric("where: status=='paid', measure: count()")]);
    await service.publishPending();
    const { changes } = await apply([
      metric(
        'where: (status == "paid"), measure: \'count( )\', unit: orders, good: up, show: current, actionWindow: 30s',
      ),
    ]);
    expect(changes).toMatchObject([{ action: 'update', version: service.plan('sales')?.version }]);
    expect(changes[0]?.differences).toContainEqual({
      path: 'spec.unit',
      before: '(absent)',
      after: 'orders',
    });
    expect(service.plan('sales')?.version).toMatch(/^1-/);
    expect(await service.publishPending()).toBe(0);
    expect(writer.log).toHaveLength(1);
  });

  it('[DF12] another cadence starts no version, but compute hears of it', async () => {
    const { did, service, writer } = await bench();
    await did([stream(), metric()]);
    await service.publishPending();
    expect(await did([metric('measure: count(), emit: { every: 1s }')])).toStrictEqual([
      'sales update 1',
    ]);
    expect(await service.publishPending()).toBe(1);
    expect(writer.topic.get('metric|sales')?.emitEveryMs).toBe(1_000);
  });

  it('[DF12] a changed stream starts versions of its metrics, in the files or not', async () => {
    const { did, service } = await bench();
    await did([stream(), metric(), metric('measure: sum(amount)', 'revenue')]);
    const moved = stream('topic: shop.orders2');
    expect(await did([moved, metric()])).toStrictEqual([
      'orders update',
      'sales new-version 2',
      'revenue new-version 2',
    ]);
    expect(service.plan('revenue')?.closure.stream.topic).toBe('shop.orders2');
  });

  it('[DF11] what a set manages is changed by that set alone, until another takes it over', async () => {
    const { did, store } = await bench();
    await did([stream(), metric()], { set: 'a' });
    expect(await did([metric('measure: sum(amount)')], { set: 'b' })).toStrictEqual([
      'Metric `sales` is managed by set `a`',
    ]);
    expect(await did([metric()], { set: 'b' })).toStrictEqual(['sales unchanged 1']);
    expect(await did([metric()], { set: 'b', takeOver: true })).toStrictEqual(['sales update 1']);
    expect(store.rows.get('Metric/sales')?.set).toBe('b');
    expect(await did([metric('measure: sum(amount)')], { set: 'b' })).toStrictEqual([
      'sales new-version 2',
    ]);
  });

  it('[DF11] prune deletes what its own set no longer holds, and nothing else', async () => {
    const { did, service } = await bench();
    await did([stream()], { set: 'base' });
    await did([metric(), objective], { set: 'a' });
    expect(await did([metric()], { set: 'a' })).toStrictEqual(['sales unchanged 1']);
    expect(service.objective('sales')).not.toBeNull();
    expect(await did([metric()], { set: 'a', prune: true })).toStrictEqual([
      'sales unchanged 1',
      'sales delete',
    ]);
    expect(service.objective('sales')).toBeNull();
    expect(service.stream('orders')).not.toBeNull();
  });

  it('[DF11] onlyAbsent leaves what is there alone, whoever manages it', async () => {
    const { did, service } = await bench();
    await did([stream(), metric('measure: sum(amount)')], { set: 'mine' });
    expect(
      await did([stream(), metric(), objective], { set: 'examples', onlyAbsent: true }),
    ).toStrictEqual(['orders skip', 'sales skip 1', 'sales create']);
    expect(service.plan('sales')?.closure.measure.kind).toBe('sum');
  });

  it('[DF13] publishes plans and marks them once Kafka has them', async () => {
    const { apply, service, store, writer } = await bench();
    await apply([stream(), metric()]);
    expect(store.rows.get('Metric/sales')?.planPublished).toBe(false);
    expect(await service.publishPending()).toBe(1);
    expect(writer.topic.get('metric|sales')).toStrictEqual(service.plan('sales'));
    expect(store.rows.get('Metric/sales')?.planPublished).toBe(true);
    expect(await service.publishPending()).toBe(0);
  });

  it('[DF13] applies while Kafka is away, and publishes after a restart', async () => {
    const { apply, service, store, writer } = await bench();
    writer.away = true;
    expect(await apply([stream(), metric()])).toMatchObject({ applied: true });
    await expect(service.publishPending()).rejects.toMatchObject({ code: 'kafka/unreachable' });

    writer.away = false;
    const next = await bench(store, writer);
    expect(next.service.plan('sales')).toStrictEqual(service.plan('sales'));
    expect(await next.service.publishPending()).toBe(1);
    expect(writer.topic.get('metric|sales')?.version).toMatch(/^1-/);
  });

  it('[DF13] a plan that changed while it was being sent stays pending, and the newest is sent last', async () => {
    const { apply, service, writer } = await bench();
    await apply([stream(), metric()]);
    writer.beforeAck = async () => {
      await apply([metric('measure: sum(amount)')]);
    };
    expect(await service.publishPending()).toBe(1);
    expect(await service.publishPending()).toBe(1);
    expect(writer.topic.get('metric|sales')).toStrictEqual(service.plan('sales'));
  });

  it('[DF13] its loop publishes what is applied, and what was refused once more', async () => {
    const { apply, service, writer, logger } = await bench();
    const ending = new AbortController();
    writer.away = true;
    const running = service.run(ending.signal);
    await apply([stream(), metric()]);
    await vi.waitFor(() =>
      expect(logger.lines.map(({ event }) => event)).toContain('definitions:unpublished'),
    );
    writer.away = false;
    await vi.waitFor(() => expect(writer.log).toHaveLength(1));
    await apply([metric('measure: sum(amount)')]);
    await vi.waitFor(() => expect(writer.log).toHaveLength(2));
    ending.abort();
    await running;
  });

  it('[DF14] a removed metric leaves a tombstone, also when Kafka was away and the hub restarted', async () => {
    const { apply, did, store, writer, service } = await bench();
    await apply([stream(), metric()]);
    await service.publishPending();
    writer.away = true;
    expect(await did([stream()], { prune: true })).toStrictEqual([
      'orders unchanged',
      'sales delete 1',
    ]);
    expect(service.metric('sales')).toBeNull();
    expect(service.plan('sales')).toBeNull();

    writer.away = false;
    const next = await bench(store, writer);
    expect(next.service.metrics()).toStrictEqual([]);
    expect(await next.service.publishPending()).toBe(1);
    expect(writer.topic.get('metric|sales')).toBeNull();
    expect([...store.rows.keys()]).toStrictEqual(['Stream/orders']);
    expect(await next.service.publishPending()).toBe(0);
  });

  it('[DF14] a metric made again before its tombstone left is there, under the next version', async () => {
    const { apply, did, service, store, writer } = await bench();
    await apply([stream(), metric()]);
    await did([stream()], { prune: true });
    expect(await did([metric()])).toStrictEqual(['sales create 2']);
    await service.publishPending();
    expect(writer.log).toStrictEqual([expect.stringMatching(/^metric\|sales 2-/)]);
    expect(store.rows.has('Metric/sales')).toBe(true);
  });

  it('[DF10] carries requests out one after another', async () => {
    const { apply, service } = await bench();
    const [, , last] = await Promise.all([
      apply([stream(), metric()]),
      apply([metric('measure: sum(amount)')]),
      apply([metric('measure: max(amount)')]),
    ]);
    expect(last).toMatchObject({ applied: true, changes: [{ action: 'new-version' }] });
    expect(service.plan('sales')?.version).toMatch(/^3-/);
  });

  it('[DF10] a failing store fails the request and leaves everything as it was', async () => {
    const { apply, service, store } = await bench();
    await apply([stream(), metric()]);
    store.changeDefinitions = async () => {
      throw new AppError('store/failed', 'The disk is full.');
    };
    await expect(apply([metric('measure: sum(amount)')])).rejects.toMatchObject({
      code: 'store/failed',
    });
    expect(service.plan('sales')?.version).toMatch(/^1-/);
  });

  it('[DF12] starts a version at start-up where the stored plan is not what this build makes of it', async () => {
    const { apply, store } = await bench();
    await apply([stream(), metric()]);
    const row = store.rows.get('Metric/sales');
    if (row?.plan == null) throw new Error('the metric was applied');
    const plan = {
      ...row.plan,
      version: '1-000000000000',
      closure: { ...row.plan.closure, engine: 0 },
    };
    store.rows.set('Metric/sales', { ...row, plan, planPublished: true });
    const { service } = await bench(store);
    expect(service.plan('sales')?.version).toMatch(/^2-/);
    expect(await service.publishPending()).toBe(1);
  });

  it('[DF10] a row of another build that cannot be read stops nothing and can be replaced', async () => {
    const { apply, store } = await bench();
    await apply([stream(), metric()]);
    const row = store.rows.get('Metric/sales');
    if (row === undefined) throw new Error('the metric was applied');
    store.rows.set('Metric/sales', { ...row, source: '{"kind":"Metric","spec":{"new":true}}' });
    const next = await bench(store);
    expect(next.logger.lines).toMatchObject([{ level: 'error', event: 'definitions:unreadable' }]);
    expect(next.service.metrics()).toStrictEqual([]);
    expect(await next.did([metric()])).toStrictEqual(['sales update 1']);
    expect(next.service.metrics()).toHaveLength(1);
  });

  it('[DF10] stamps changes with the clock it was given and counts them', async () => {
    const { apply, clock, store } = await bench();
    await apply([stream()]);
    clock.advance(5_000);
    await apply([stream('topic: other')]);
    expect(store.rows.get('Stream/orders')).toMatchObject({
      revision: 2,
      changedAt: epochMs(clock.now()),
    });
  });
});
