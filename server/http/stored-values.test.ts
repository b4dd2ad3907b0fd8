import { expect, test } from 'vitest';
import { canonicalDims } from '#lib/contracts/metric-record.ts';
import { readValues, type ValuesQuery } from '#server/http/stored-values.ts';
import { scriptedPoint } from '#server/memory/scripted-metric-view.ts';
import { epochMs } from '#lib/time/instant.ts';
import type { HistoryRow } from '#server/ports/hub-store.ts';

const query: ValuesQuery = {
  metric: 'orders',
  version: '1-a',
  from: 0,
  to: 1_000_000_000,
  where: new Map(),
  limit: 1_000,
};

function row(
  start: number,
  value: number,
  over: { dims?: object; emittedAt?: number; withdrawn?: boolean } = {},
): HistoryRow {
  const dims = (over.dims ?? {}) as Record<string, string>;
  const instants = { eventAt: null, appendedAt: null, fetchedAt: null, computedAt: null };
  const record = {
    metric: 'orders',
    dims,
    window: { start, end: start + 10_000 },
    value,
    inputs: { 't-0': { id: null, from: 0, next: 5, missing: 0 } },
    hops: { ...instants, emittedAt: over.emittedAt ?? 100 },
    withdrawn: over.withdrawn ?? false,
  };
  return {
    metric: 'orders',
    version: '1-a',
    dims: canonicalDims(dims),
    start,
    end: start + 10_000,
    knownAt: 0,
    offset: start,
    withdrawn: over.withdrawn ?? false,
    record: JSON.stringify(record),
  };
}

/** History in memory, answering as the port says: ascending, cut at the limit. */
function history(rows: readonly HistoryRow[]) {
  const asked: number[] = [];
  return {
    asked,
    values: async ({ from, to, limit }: { from: number; to: number; limit: number }) => {
      asked.push(from);
      return rows.filter(({ start }) => start >= from && start < to).slice(0, limit);
    },
  };
}

const shown = (read: Awaited<ReturnType<typeof readValues>>) =>
  read.values.map(({ window, value }) => [window.start, value]);

test('[HT7] values come oldest first, each with its inputs', async () => {
  const read = await readValues(history([row(0, 1), row(10_000, 2)]), query, []);
  expect(shown(read)).toEqual([
    [0, 1],
    [10_000, 2],
  ]);
  expect(read.values[0]?.inputs).toEqual({ 't-0': { id: null, from: 0, next: 5, missing: 0 } });
  expect(read.truncated).toBe(false);
});

test('[HT7] a value the hub speaks for and has not stored yet is there, and replaces an older stored one', async () => {
  const newest = [
    scriptedPoint(10_000, 3, { emittedAt: epochMs(200) }),
    scriptedPoint(20_000, 4, { emittedAt: epochMs(200) }),
  ];
  const read = await readValues(history([row(0, 1), row(10_000, 2)]), query, newest);
  expect(shown(read)).toEqual([
    [0, 1],
    [10_000, 3],
    [20_000, 4],
  ]);
  expect(read.values[1]?.inputs).toBeNull();
});

test('[HT7] what is stored wins when it is the same or newer, because it knows its inputs', async () => {
  const newest = [
    scriptedPoint(0, 9, { emittedAt: epochMs(100) }),
    scriptedPoint(10_000, 9, { emittedAt: epochMs(50) }),
  ];
  const read = await readValues(history([row(0, 1), row(10_000, 2)]), query, newest);
  expect(shown(read)).toEqual([
    [0, 1],
    [10_000, 2],
  ]);
});

test('[HT7] withdrawn values are left out, unless they came back since', async () => {
  const rows = [row(0, 1, { withdrawn: true }), row(10_000, 2, { withdrawn: true })];
  const newest = [
    scriptedPoint(0, 1, { emittedAt: epochMs(90) }),
    scriptedPoint(10_000, 5, { emittedAt: epochMs(300) }),
  ];
  expect(shown(await readValues(history(rows), query, newest))).toEqual([[10_000, 5]]);
});

test('[HT7] dimensions are matched by the text of their value', async () => {
  const rows = ['a', 'b'].map((provider) => row(0, 1, { dims: { provider } }));
  const where = new Map([['provider', 'b']]);
  const read = await readValues(history(rows), { ...query, where }, [
    scriptedPoint(10_000, 2, { dims: '{"provider":"a"}' }),
    scriptedPoint(10_000, 3, { dims: '{"provider":"b"}' }),
  ]);
  expect(read.values.map(({ dims, value }) => [dims, value])).toEqual([
    [{ provider: 'b' }, 1],
    [{ provider: 'b' }, 3],
  ]);
});

test('[HT7] a long span is read page by page, also where one window fills more than a page', async () => {
  const wide = Array.from({ length: 4_500 }, (_, i) => row(10_000, i, { dims: { id: String(i) } }));
  const store = history([row(0, 1), ...wide, row(20_000, 2)]);
  const read = await readValues(store, { ...query, limit: 10_000 }, []);
  expect(read.values.length).toBe(4_502);
  expect(read.truncated).toBe(false);
});

test('[HT7] past the limit the oldest are kept, it is said, and history is not read to its end', async () => {
  const store = history(Array.from({ length: 20_000 }, (_, i) => row(i * 10_000, i)));
  const read = await readValues(store, { ...query, limit: 3 }, [scriptedPoint(199_990_000, 7)]);
  expect(shown(read)).toEqual([
    [0, 0],
    [10_000, 1],
    [20_000, 2],
  ]);
  expect(read.truncated).toBe(true);
  expect(store.asked.length).toBe(1);
});
