import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BoardUpdate, Point } from '#lib/contracts/feed.ts';
import { faceOf, factsOf, NOW, pointOf } from '#lib/testing/panel-builders.ts';
import { epochMs } from '#lib/time/instant.ts';
import type { OpenBoard } from './board-state.ts';
import { FeedClient } from './feed-client.ts';
import { HandTab } from './fixtures/hand-tab.ts';
import { HandWire, settled } from './fixtures/hand-wire.ts';

const W = 10_000;
let tab: HandTab;
let wire: HandWire;
let feed: FeedClient;
let stop: () => void;

const update = (seq: number, points: Point[] = [], frontier = NOW - 400): BoardUpdate => ({
  board: 'shop',
  seq,
  sentAt: epochMs(NOW),
  channels: [
    { panel: 'orders', reset: false, points, facts: factsOf({ frontier: epochMs(frontier) }) },
  ],
});
const spec = {
  id: 'orders',
  kind: 'number' as const,
  metric: 'orders',
  range: 3_600_000 as never,
  at: { x: 0, y: 0, w: 3, h: 2 },
};
const view = {
  name: 'shop',
  title: 'Shop',
  owner: 'shop-core',
  description: null,
  zone: null,
  panels: [{ spec, face: faceOf() }],
};
const clock = (clusterNow: number | null = NOW) =>
  wire.answer('clock:probe', { ok: true, value: { clusterNow, errorMs: 1 } });
const snapshot = (first: BoardUpdate) =>
  wire.answer('board:join', { ok: true, value: { view, update: first } });
const board = () => feed.board('shop') as OpenBoard;
const orders = () => board().panels.get('orders');

/** Connected, clock measured, board joined at seq 7 with one point. */
async function joined(): Promise<void> {
  feed.open('shop');
  wire.handlers?.connected();
  await settled();
  await clock();
  await snapshot(update(7, [pointOf(NOW - 2 * W, 5)]));
  tab.frame();
}

beforeEach(() => {
  tab = new HandTab();
  wire = new HandWire();
  feed = new FeedClient(() => wire, tab);
  stop = feed.start();
});
afterEach(() => {
  stop();
  expect(tab.open, 'timers left open').toBe(0);
  expect(wire.closed).toBe(true);
});

test('[FD10] measures the clock before it joins, and shows the snapshot', async () => {
  feed.open('shop');
  wire.handlers?.connected();
  await settled();
  expect(wire.waiting('board:join')).toBe(0);
  await clock();
  expect(wire.waiting('board:join')).toBe(1);
  await snapshot(update(7, [pointOf(NOW - 2 * W, 5)]));
  expect(feed.board('shop').kind).toBe('joining');
  tab.frame();
  expect(board()).toMatchObject({ kind: 'open', seq: 7 });
  expect(feed.moment()).toMatchObject({ now: NOW, errorMs: 1, connection: { kind: 'connected' } });
});

test('[FD18] however many packets come, components hear of them once per frame', async () => {
  await joined();
  let calls = 0;
  feed.subscribe(() => (calls += 1));
  wire.deliver(update(8, [pointOf(NOW - W, 1)]));
  wire.deliver(update(9, [pointOf(NOW - W, 2)]));
  expect(calls).toBe(0);
  tab.frame();
  expect(calls).toBe(1);
  expect(board().seq).toBe(9);
});

test('[FD4] facts and points of a packet become visible together, and an older state stays as it was', async () => {
  await joined();
  const before = orders();
  wire.deliver(update(8, [pointOf(NOW - W, 9)], NOW));
  expect(orders()).toBe(before);
  tab.frame();
  expect(orders()?.facts.frontier).toBe(NOW);
  expect([...(orders()?.points.values() ?? [])].map(({ value }) => value)).toEqual([5, 9]);
  expect(before?.points.size).toBe(1);
});

test('[FD4] a withdrawn value disappears, a later one replaces', async () => {
  await joined();
  wire.deliver(update(8, [pointOf(NOW - 2 * W, 6)]));
  tab.frame();
  expect([...(orders()?.points.values() ?? [])].map(({ value }) => value)).toEqual([6]);
  wire.deliver(update(9, [pointOf(NOW - 2 * W, 6, { withdrawn: true })]));
  tab.frame();
  expect(orders()?.points.size).toBe(0);
});

test('[FD2] a gap asks for a snapshot, and nothing is believed before it comes', async () => {
  await joined();
  wire.deliver(update(9, [pointOf(NOW - W, 9)]));
  wire.deliver(update(10, [pointOf(NOW - W, 10)]));
  tab.frame();
  expect(board().seq).toBe(7);
  expect(wire.waiting('board:join')).toBe(1);
  await snapshot(update(20, [pointOf(NOW - W, 11)]));
  wire.deliver(update(21));
  tab.frame();
  expect(board().seq).toBe(21);
  expect([...(orders()?.points.values() ?? [])].map(({ value }) => value)).toEqual([11]);
});

test('[FD17] silence of 3 s is Disconnected by itself, and the first packet ends it', async () => {
  await joined();
  tab.pass(2_750);
  tab.frame();
  expect(feed.moment().connection.kind).toBe('connected');
  tab.pass(500);
  tab.frame();
  expect(feed.moment().connection).toMatchObject({ kind: 'lost' });
  wire.deliver(update(8));
  tab.frame();
  expect(feed.moment().connection.kind).toBe('connected');
});

test('[FD17] answers to probes do not replace the packets of an open board', async () => {
  await joined();
  for (let i = 0; i < 4; i += 1) {
    tab.pass(1_000);
    while (wire.waiting('clock:probe') > 0) await clock(NOW + (i + 1) * 1_000);
  }
  tab.frame();
  expect(feed.moment().connection.kind).toBe('lost');
});

test('[FD17] a connection that stays silent is dropped and made again', async () => {
  await joined();
  tab.pass(8_500);
  expect(wire.renewed).toBe(0);
  tab.pass(1_000);
  expect(wire.renewed).toBe(1);
});

test('[FD11] after a sleep it is Disconnected until a probe was answered and a packet came after that', async () => {
  await joined();
  while (wire.waiting('clock:probe') > 0) await clock();
  tab.sleep(3_600_000);
  tab.pass(250);
  tab.frame();
  expect(feed.moment()).toMatchObject({ now: null, connection: { kind: 'lost' } });
  // What was queued while the machine slept proves nothing.
  wire.deliver(update(8));
  tab.frame();
  expect(feed.moment().connection.kind).toBe('lost');
  await clock(NOW + 3_600_000);
  tab.frame();
  expect(feed.moment().connection.kind).toBe('lost');
  wire.deliver(update(9));
  tab.frame();
  expect(feed.moment().connection.kind).toBe('connected');
  expect(feed.moment().now).toBeGreaterThanOrEqual(NOW + 3_600_000);
});

test('[FR1] the moment moves once a second while nothing arrives', async () => {
  await joined();
  const before = feed.moment().now ?? 0;
  tab.pass(1_000);
  tab.frame();
  expect(feed.moment().now).toBe(before + 1_000);
});

test('[FD20] tells the server what is painted, and measures the last two hops', async () => {
  await joined();
  feed.painted('shop', 7);
  await wire.answer('board:painted', { ok: true, value: {} });
  tab.pass(100);
  wire.deliver(update(8, [pointOf(NOW - W, 9, { emittedAt: epochMs(NOW + 88) })]));
  tab.pass(16);
  feed.painted('shop', 8);
  expect(wire.asked.at(-1)).toMatchObject({
    name: 'board:painted',
    request: { board: 'shop', seq: 8 },
  });
  const { deliver, paint } = feed.screenHops('shop', 'orders');
  expect(deliver).toMatchObject({ count: 1, p50: 12 });
  expect(paint).toMatchObject({ count: 2, p95: 16 });
  feed.painted('shop', 8);
  expect(wire.waiting('board:painted')).toBe(1);
});

test('[FD13] a board that changed is joined again, a deleted one is closed', async () => {
  await joined();
  wire.handlers?.closed({ board: 'shop', reason: 'changed' });
  expect(wire.waiting('board:join')).toBe(1);
  await snapshot(update(1));
  wire.handlers?.closed({ board: 'shop', reason: 'deleted' });
  tab.frame();
  expect(feed.board('shop')).toEqual({ kind: 'closed', reason: 'deleted' });
});

test('[FD13] a refusal that may pass is asked again, another is shown', async () => {
  feed.open('shop');
  wire.handlers?.connected();
  await settled();
  await clock();
  await wire.answer('board:join', {
    ok: false,
    error: { code: 'internal', message: 'Not yet.', retryable: true },
  });
  tab.pass(1_500);
  expect(wire.waiting('board:join')).toBe(1);
  const error = { code: 'http/not-found', message: 'No board.', retryable: false } as const;
  await wire.answer('board:join', { ok: false, error });
  tab.frame();
  expect(feed.board('shop')).toEqual({ kind: 'refused', error });
});

test('[FD17] a refused board owes no packets: the answered probes keep the connection', async () => {
  const error = { code: 'http/not-found', message: 'No board.', retryable: false } as const;
  feed.open('shop');
  wire.handlers?.connected();
  await settled();
  await clock();
  await wire.answer('board:join', { ok: false, error });
  for (let second = 1; second <= 6; second += 1) {
    tab.pass(1_000);
    await settled();
    while (wire.waiting('clock:probe') > 0) await clock(NOW + second * 1_000);
    tab.frame();
    expect(feed.moment().connection.kind).toBe('connected');
  }
});

test('[FD13] after a reconnect the clock is asked and the board joined again', async () => {
  await joined();
  while (wire.waiting('clock:probe') > 0) await clock();
  wire.handlers?.disconnected();
  tab.pass(5_000);
  tab.frame();
  expect(feed.moment().connection.kind).toBe('lost');
  wire.handlers?.connected();
  await settled();
  await clock(NOW + 5_000);
  await snapshot(update(0, [pointOf(NOW - W, 3)]));
  tab.frame();
  expect(feed.moment().connection.kind).toBe('connected');
  expect(board().seq).toBe(0);
});

test('[FD14] a tab that was away before it was ever connected is connecting, then lost', () => {
  tab.pass(2_000);
  tab.frame();
  expect(feed.moment().connecting).toBe(true);
  tab.pass(1_500);
  tab.frame();
  expect(feed.moment()).toMatchObject({ connecting: false, connection: { kind: 'lost' } });
});
