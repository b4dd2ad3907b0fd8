// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { factsOf, NOW } from '#lib/testing/panel-builders.ts';
import { epochMs } from '#lib/time/instant.ts';
import { boardRows } from './board-list-model.ts';
import { BoardListView } from './board-list-view.tsx';

afterEach(cleanup);

const board = {
  name: 'shop',
  title: 'Shop',
  owner: 'shop-core',
  description: null,
  panels: [
    { id: 'a', title: 'A', facts: factsOf() },
    { id: 'b', title: 'B', facts: factsOf({ frontier: epochMs(NOW - 29_000) }) },
    { id: 'c', title: 'C', facts: null },
  ],
};
const rowsAt = (now: number) =>
  boardRows([board], { now, errorMs: 0, connection: { kind: 'connected' } });

test('[UI18] a board shows its worst state and how many panels are in each, as time passes', () => {
  expect(rowsAt(NOW)[0]).toMatchObject({ worst: 'live', counts: [{ state: 'live', count: 2 }] });
  expect(rowsAt(NOW + 2_000)[0]).toMatchObject({
    worst: 'late',
    counts: [
      { state: 'late', count: 1 },
      { state: 'live', count: 1 },
    ],
  });
});

test('[UI18] without its server every board is Disconnected', () => {
  const [row] = boardRows([board], {
    now: NOW,
    errorMs: 0,
    connection: { kind: 'lost', sinceMs: 4_000 },
  });
  expect(row).toMatchObject({ worst: 'disconnected', counts: [{ count: 2 }] });
});

test('[UI15] without boards the page says how to get one', () => {
  render(<BoardListView rows={[]} />);
  expect(screen.getByText('npx freshet apply -f examples/shop')).toBeTruthy();
});

test('[UI18] a board is a link with its state in words', () => {
  render(<BoardListView rows={rowsAt(NOW + 2_000)} />);
  const link = screen.getByRole('link');
  expect(link.getAttribute('href')).toBe('/boards/shop');
  expect(link.textContent).toContain('1 Late');
});
