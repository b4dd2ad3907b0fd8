import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MetricPlan } from '#lib/contracts/plan.ts';
import type { HistoryRow, HubPosition, HubStore, StoredDefinition } from './hub-store.ts';

const MINUTE = 60_000;

const planOf = (metric: string, version: string): MetricPlan => ({
  v: 1,
  kind: 'metric',
  metric,
  version,
  emitEveryMs: 250,
  closure: {
    engine: 1,
    stream: {
      name: 'orders',
      cluster: 'main',
      topic: 'shop.orders',
      format: 'json',
      eventTime: { as: 'record' },
      aheadMs: 3_600_000,
      fields: {},
    },
    where: null,
    groupBy: [],
    window: { kind: 'tumbling', sizeMs: MINUTE },
    measure: { kind: 'count', where: null },
    latenessMs: MINUTE,
    horizonMs: 86_400_000,
    start: 'earliest',
  },
});

const metric = (name: string, version: string, revision: number): StoredDefinition => ({
  kind: 'Metric',
  name,
  source: `{"name":"${name}","revision":${revision}}`,
  set: 'default',
  revision,
  changedAt: 1_000 * revision,
  plan: planOf(name, version),
  planPublished: false,
});

const row = (start: number, offset: number, more: Partial<HistoryRow> = {}): HistoryRow => ({
  metric: 'orders',
  version: '1-a',
  dims: '{}',
  start,
  end: start + MINUTE,
  knownAt: 0,
  offset,
  withdrawn: false,
  record: `{"value":${offset}}`,
  ...more,
});

const position = (partition: number, next: number): HubPosition => ({
  topic: 'freshet.values',
  partition,
  topicId: 'id-1',
  next,
  claims: '{"orders|1-a":{"generation":1}}',
});

/** @param open opens the same store each time it is called: what was saved before a close is there after it */
export function hubStoreContract(open: () => Promise<HubStore>): void {
  describe('as a HubStore', () => {
    let store: HubStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
    });
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await open();
    };
    const query = (more: object = {}) => ({
      metric: 'orders',
      version: '1-a',
      from: 0,
      to: 100 * MINUTE,
      limit: 1_000,
      ...more,
    });

    test('[SR20] gives back definitions as they were put, also after it was closed and opened', async () => {
      const stream: StoredDefinition = {
        ...metric('orders', '1-a', 1),
        kind: 'Stream',
        set: null,
        plan: null,
      };
      await store.changeDefinitions([stream, metric('orders', '1-a', 1)], []);
      await reopen();
      const kept = await store.definitions();
      expect(kept).toHaveLength(2);
      expect(kept).toEqual(expect.arrayContaining([stream, metric('orders', '1-a', 1)]));
    });

    test('[SR20] put replaces and remove deletes by kind and name, in one step', async () => {
      await store.changeDefinitions([metric('orders', '1-a', 1), metric('sales', '1-b', 1)], []);
      await store.changeDefinitions(
        [metric('orders', '2-c', 2)],
        [
          { kind: 'Metric', name: 'sales' },
          { kind: 'Metric', name: 'absent' },
        ],
      );
      expect(await store.definitions()).toEqual([metric('orders', '2-c', 2)]);
    });

    test('[SR21] the highest version of a metric outlives its removal', async () => {
      expect(await store.highestVersion('orders')).toBe(0);
      await store.changeDefinitions([metric('orders', '9-a', 1)], []);
      await store.changeDefinitions([metric('orders', '10-b', 2)], []);
      await store.changeDefinitions([], [{ kind: 'Metric', name: 'orders' }]);
      expect(await store.highestVersion('orders')).toBe(10);
      expect(await store.highestVersion('sales')).toBe(0);
    });

    test('[SR22] marks a plan published only while it is the current one', async () => {
      await store.changeDefinitions([metric('orders', '2-b', 2)], []);
      await store.markPlanPublished('orders', '1-a');
      expect((await store.definitions())[0]?.planPublished).toBe(false);
      await store.markPlanPublished('orders', '2-b');
      expect((await store.definitions())[0]?.planPublished).toBe(true);
    });

    test('[SR23] rows and positions are there together, also after it was closed and opened', async () => {
      expect(await store.positions()).toEqual([]);
      await store.record([row(0, 5)], [position(0, 6), position(3, 1)]);
      await store.record([], [position(0, 9)]);
      await reopen();
      expect(await store.positions()).toEqual([position(0, 9), position(3, 1)]);
      expect(await store.latest(0)).toEqual([row(0, 5)]);
    });

    test('[SR23] a record that fails leaves neither rows nor positions', async () => {
      const broken = row(MINUTE, 6, { record: [1] as unknown as string });
      await expect(store.record([row(0, 5), broken], [position(0, 7)])).rejects.toMatchObject({
        code: 'store/failed',
      });
      expect(await store.latest(0)).toEqual([]);
      expect(await store.positions()).toEqual([]);
    });

    test('[SR24] within one known minute the larger offset holds, in whatever order they come', async () => {
      await store.record([row(0, 5), row(0, 7), row(0, 6)], []);
      expect(await store.latest(0)).toEqual([row(0, 7)]);
    });

    test('[SR24] latest and values answer the row with the largest offset of all known minutes', async () => {
      const second = row(0, 8, { knownAt: MINUTE, withdrawn: true });
      await store.record([row(0, 5), second, row(0, 6, { knownAt: 2 * MINUTE })], []);
      expect(await store.latest(0)).toEqual([second]);
      expect(await store.values(query())).toEqual([second]);
    });

    test('[SR25] latest answers every key from an instant on, ascending by offset', async () => {
      const rows = [
        row(2 * MINUTE, 1, { dims: '{"p":"b"}' }),
        row(MINUTE, 2, { version: '2-b' }),
        row(MINUTE, 3, { metric: 'sales' }),
        row(MINUTE, 4),
      ];
      await store.record([row(0, 9), ...rows], []);
      expect(await store.latest(MINUTE)).toEqual(rows);
    });

    test('[SR25] latest answers more rows than fit one chunk, each once', async () => {
      const rows = Array.from({ length: 12_003 }, (_, i) =>
        row((i % 4_001) * MINUTE, i, { dims: `{"p":${i % 3}}` }),
      );
      await store.record(rows, []);
      expect(await store.latest(0)).toEqual(rows);
    });

    test('[SR26] values answers a half-open span of one metric version, ascending, at most the limit', async () => {
      await store.record(
        [
          row(3 * MINUTE, 1),
          row(MINUTE, 2),
          row(2 * MINUTE, 3),
          row(0, 4),
          row(MINUTE, 5, { version: '2-b' }),
          row(MINUTE, 6, { metric: 'sales' }),
        ],
        [],
      );
      const span = { from: MINUTE, to: 3 * MINUTE };
      expect(await store.values(query(span))).toEqual([row(MINUTE, 2), row(2 * MINUTE, 3)]);
      expect(await store.values(query({ ...span, limit: 1 }))).toEqual([row(MINUTE, 2)]);
    });

    test('[SR27] names the newest window of every metric version that has rows', async () => {
      expect(await store.newestStarts()).toEqual([]);
      await store.record(
        [row(0, 1), row(5 * MINUTE, 2, { dims: '{"p":1}' }), row(MINUTE, 3, { version: '2-b' })],
        [],
      );
      const newest = await store.newestStarts();
      expect(newest).toHaveLength(2);
      expect(newest).toEqual(
        expect.arrayContaining([
          { metric: 'orders', version: '1-a', start: 5 * MINUTE },
          { metric: 'orders', version: '2-b', start: MINUTE },
        ]),
      );
    });

    test('[SR28] expire deletes what was known before the instant and nothing else', async () => {
      const later = row(0, 2, { knownAt: 2 * MINUTE });
      const old = Array.from({ length: 11_000 }, (_, i) =>
        row(i * MINUTE, i, { dims: '{"p":"old"}', knownAt: MINUTE }),
      );
      await store.record([row(0, 1), later, ...old], [position(0, 3)]);
      await store.expire(2 * MINUTE);
      expect(await store.latest(0)).toEqual([later]);
      expect(await store.newestStarts()).toEqual([{ metric: 'orders', version: '1-a', start: 0 }]);
      expect(await store.positions()).toEqual([position(0, 3)]);
    });

    test('[SR29] forgetting a topic removes its positions and all values, and smaller offsets hold again', async () => {
      await store.record([row(0, 50)], [position(0, 51), { ...position(0, 7), topic: 'other' }]);
      await store.forgetValues('freshet.values');
      expect(await store.latest(0)).toEqual([]);
      expect(await store.positions()).toEqual([{ ...position(0, 7), topic: 'other' }]);
      await store.record([row(0, 1)], [position(0, 2)]);
      expect(await store.latest(0)).toEqual([row(0, 1)]);
    });

    test('[SR1] whoever opens it a second time gets store/locked', async () => {
      await expect(open()).rejects.toMatchObject({ code: 'store/locked' });
    });
  });
}
