import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CellRow, CheckpointStore } from './checkpoint-store.ts';

const cell = (start: number, dims: string, state: string | null, version = '1-a'): CellRow => ({
  metric: 'orders',
  version,
  start,
  dims,
  state,
});

async function cellsOf(store: CheckpointStore, task: string): Promise<CellRow[]> {
  const read = await store.load(task);
  const cells: CellRow[] = [];
  if (read !== null) for await (const chunk of read.cells) cells.push(...chunk);
  return cells;
}

const byKey = (a: CellRow, b: CellRow): number =>
  `${a.version}|${a.start}|${a.dims}` < `${b.version}|${b.start}|${b.dims}` ? -1 : 1;

/** @param open opens the same store each time it is called: what was saved before a close is there after it */
export function checkpointStoreContract(open: () => Promise<CheckpointStore>): void {
  describe('as a CheckpointStore', () => {
    let store: CheckpointStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
    });

    test('[SR10] knows nothing of a task that was never saved', async () => {
      expect(await store.tasks()).toEqual([]);
      expect(await store.load('orders')).toBeNull();
    });

    test('[SR10] gives back what was saved, also after it was closed and opened', async () => {
      const cells = [cell(0, '{}', '{"n":1}'), cell(60_000, '{"p":"a|b"}', '{"n":2}')];
      await store.save([{ task: 'orders', header: '{"next":7}', cells }]);
      await store.close();
      store = await open();
      expect(await store.tasks()).toEqual(['orders']);
      expect((await store.load('orders'))?.header).toBe('{"next":7}');
      expect((await cellsOf(store, 'orders')).sort(byKey)).toEqual(cells);
    });

    test('[SR11] a later save replaces header and named cells, and leaves the others', async () => {
      await store.save([
        { task: 'orders', header: 'one', cells: [cell(0, 'a', '1'), cell(0, 'b', '1')] },
      ]);
      await store.save([
        { task: 'orders', header: 'two', cells: [cell(0, 'b', '2'), cell(0, 'c', '2')] },
      ]);
      expect((await store.load('orders'))?.header).toBe('two');
      expect((await cellsOf(store, 'orders')).sort(byKey)).toEqual([
        cell(0, 'a', '1'),
        cell(0, 'b', '2'),
        cell(0, 'c', '2'),
      ]);
    });

    test('[SR11] a cell without state is deleted, and deleting an absent one is nothing', async () => {
      await store.save([{ task: 'orders', header: 'h', cells: [cell(0, 'a', '1')] }]);
      await store.save([
        { task: 'orders', header: 'h', cells: [cell(0, 'a', null), cell(9, 'z', null, '9-z')] },
      ]);
      expect(await cellsOf(store, 'orders')).toEqual([]);
    });

    test('[SR11] the last of two rows with one key in a save holds', async () => {
      await store.save([
        { task: 'orders', header: 'h', cells: [cell(0, 'a', '1'), cell(0, 'a', '2')] },
      ]);
      expect(await cellsOf(store, 'orders')).toEqual([cell(0, 'a', '2')]);
    });

    test('[SR12] a task without header is removed with all its cells, others stay', async () => {
      await store.save([
        { task: 'orders', header: 'h', cells: [cell(0, 'a', '1'), cell(0, 'a', '1', '2-b')] },
        { task: 'payments', header: 'p', cells: [cell(0, 'a', '3')] },
      ]);
      await store.save([{ task: 'orders', header: null, cells: [] }]);
      expect(await store.tasks()).toEqual(['payments']);
      expect(await store.load('orders')).toBeNull();
      expect(await cellsOf(store, 'payments')).toEqual([cell(0, 'a', '3')]);
      await store.save([{ task: 'orders', header: 'again', cells: [] }]);
      expect(await cellsOf(store, 'orders')).toEqual([]);
    });

    test('[SR13] a save that fails leaves nothing of itself', async () => {
      await store.save([{ task: 'orders', header: 'one', cells: [cell(0, 'a', '1')] }]);
      // States no column takes: what a broken caller could send past the compiler. The first does not even reach the store.
      const notCloneable = { ...cell(1, 'b', '2'), state: (() => '') as unknown as string };
      await expect(
        store.save([{ task: 'orders', header: 'two', cells: [cell(0, 'a', '2'), notCloneable] }]),
      ).rejects.toMatchObject({ code: 'store/failed' });
      const notText = { ...cell(1, 'b', '2'), state: [1] as unknown as string };
      await expect(
        store.save([{ task: 'orders', header: 'two', cells: [cell(0, 'a', '2'), notText] }]),
      ).rejects.toMatchObject({ code: 'store/failed' });
      expect((await store.load('orders'))?.header).toBe('one');
      expect(await cellsOf(store, 'orders')).toEqual([cell(0, 'a', '1')]);
    });

    test('[SR14] loads more cells than one chunk holds, each exactly once', async () => {
      const cells = Array.from({ length: 12_001 }, (_, i) =>
        cell((i % 7) * 60_000, `{"id":"${i}"}`, String(i), i % 2 === 0 ? '1-a' : '2-b'),
      );
      await store.save([{ task: 'orders', header: 'h', cells }]);
      const read = await store.load('orders');
      const sizes: number[] = [];
      const seen = new Set<string>();
      for await (const chunk of read?.cells ?? []) {
        sizes.push(chunk.length);
        for (const row of chunk) seen.add(`${row.version}|${row.start}|${row.dims}|${row.state}`);
      }
      expect(seen.size).toBe(12_001);
      expect(sizes.reduce((a, b) => a + b)).toBe(12_001);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000);
    });

    test('[SR15] close waits for what was asked before it, refuses what comes after, and may be called twice', async () => {
      const saves = Array.from({ length: 30 }, (_, i) =>
        store.save([{ task: 'orders', header: String(i), cells: [cell(i, 'a', '1')] }]),
      );
      const closed = store.close();
      await expect(store.tasks()).rejects.toMatchObject({ code: 'store/failed' });
      await Promise.all([...saves, closed, store.close()]);
      store = await open();
      expect((await store.load('orders'))?.header).toBe('29');
      expect(await cellsOf(store, 'orders')).toHaveLength(30);
    });

    test('[SR1] whoever opens it a second time gets store/locked', async () => {
      await expect(open()).rejects.toMatchObject({ code: 'store/locked' });
    });
  });
}
