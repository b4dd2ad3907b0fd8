import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Viewer } from '#lib/access/authorize.ts';
import {
  CALM_EVERY_MS,
  FEED_BEAT_MS,
  FEED_PROTOCOL,
  boardSnapshotSchema,
  boardUpdateSchema,
  type BoardSnapshot,
  type BoardUpdate,
  type ClientToServerEvents,
  type ReplyOf,
  type ServerToClientEvents,
} from '#lib/contracts/feed.ts';
import { epochMs } from '#lib/time/instant.ts';
import { MAX_PENDING_POINTS } from '#server/feed/channel.ts';
import { openFeed, type Feed } from '#server/feed/open-feed.ts';
import { PAINT_FALLBACK_MS } from '#server/feed/pace.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';
import {
  countSpec,
  numberPanel,
  ScriptedDefinitions,
} from '#server/memory/scripted-definitions.ts';
import {
  scriptedFace,
  scriptedFacts,
  scriptedPoint,
  ScriptedMetricView,
} from '#server/memory/scripted-metric-view.ts';
import { SilentLogger } from '#server/memory/silent-logger.ts';

type Client = Socket<ServerToClientEvents, ClientToServerEvents>;
// These tests live in real time, over real sockets; a busy machine needs more of it than the default.
vi.setConfig({ testTimeout: 30_000 });

const NOW = 1_800_000_000_000;

let view: ScriptedMetricView;
let definitions: ScriptedDefinitions;
let logger: SilentLogger;
let viewer: Viewer;
let feed: Feed;
let url: string;
const http = { server: createServer() };
const clients: Client[] = [];

beforeEach(async () => {
  view = new ScriptedMetricView();
  definitions = new ScriptedDefinitions();
  logger = new SilentLogger();
  viewer = { kind: 'local-owner' };
  definitions.put('Metric', 'orders', countSpec);
  definitions.put('Metric', 'refunds', countSpec);
  definitions.put('Board', 'shop', { panels: [numberPanel('orders'), numberPanel('refunds')] });
  view.define(scriptedFace('orders'), scriptedFacts());
  view.define(scriptedFace('refunds'), scriptedFacts());
  feed = openFeed({
    view,
    definitions,
    clock: systemClock,
    logger,
    viewerOf: () => viewer,
    publicHosts: [],
  });
  http.server = createServer();
  http.server.on('upgrade', (request, socket, head) => feed.handleUpgrade(request, socket, head));
  http.server.listen(0, '127.0.0.1');
  await once(http.server, 'listening');
  url = `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await feed.close();
  http.server.close();
});

function connect(headers: Record<string, string> = {}): Client {
  const client: Client = io(url, {
    path: feed.path,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: headers,
  });
  clients.push(client);
  return client;
}

const ask = (client: Client, request: object = {}): Promise<ReplyOf<'board:join'>> =>
  client.emitWithAck('board:join', {
    board: 'shop',
    protocol: FEED_PROTOCOL,
    cadence: 'calm',
    ...request,
  });

async function join(client: Client, request: object = {}): Promise<BoardSnapshot> {
  const reply = await ask(client, request);
  if (!reply.ok) throw new Error(reply.error.message);
  return boardSnapshotSchema.parse(reply.value);
}

/** Everything this client is sent from now on. */
function updatesOf(client: Client): BoardUpdate[] {
  const updates: BoardUpdate[] = [];
  client.on('board:update', (update) => updates.push(boardUpdateSchema.parse(update)));
  return updates;
}

const withPoints = (updates: readonly BoardUpdate[]) =>
  updates.filter(({ channels }) => channels.some(({ points }) => points.length > 0));

/** Stops and resumes the client's reading, as a machine does that is too slow or asleep. */
function reading(client: Client, resumed: boolean): void {
  // The client's own types end at its transport; in Node that holds a `ws` socket.
  const { ws } = client.io.engine.transport as unknown as {
    ws: { pause(): void; resume(): void };
  };
  if (resumed) ws.resume();
  else ws.pause();
}

test('[FD1] a join is answered with the whole board', async () => {
  view.change('orders', [scriptedPoint(NOW - 20_000, 7)]);
  const { view: board, update } = await join(connect());
  expect(board).toMatchObject({ name: 'shop', title: 'shop', owner: 'tests' });
  expect(board.panels.map(({ face }) => face?.metric)).toEqual(['orders', 'refunds']);
  expect(update.seq).toBe(0);
  expect(update.channels.map(({ panel, reset }) => [panel, reset])).toEqual([
    ['orders', true],
    ['refunds', true],
  ]);
  expect(update.channels[0]?.points).toMatchObject([{ start: NOW - 20_000, value: 7 }]);
  expect(feed.screens()).toBe(1);
});

test('[FD9] a snapshot holds the range of its panel, and the last value of a metric quiet for longer', async () => {
  view.change('orders', [scriptedPoint(NOW - 20_000, 7), scriptedPoint(NOW - 3_600_000, 1)]);
  view.change('refunds', [scriptedPoint(NOW - 3_600_000, 2), scriptedPoint(NOW - 3_610_000, 1)]);
  const { update } = await join(connect());
  expect(update.channels.map(({ points }) => points.map(({ value }) => value))).toEqual([[7], [2]]);
});

test('[FD2] updates count on from the snapshot, and a second join asks for a snapshot at the count reached', async () => {
  const client = connect();
  await join(client);
  const updates = updatesOf(client);
  await vi.waitFor(() => expect(updates.length).toBeGreaterThanOrEqual(2), 3_000);
  expect(updates.map(({ seq }) => seq)).toEqual(updates.map((_, i) => i + 1));
  const again = await join(client);
  const reached = updates.length;
  expect(again.update.seq).toBe(reached);
  expect(again.update.channels.every(({ reset }) => reset)).toBe(true);
  await vi.waitFor(() => expect(updates.length).toBeGreaterThan(reached), 3_000);
  expect(updates[reached]?.seq).toBe(reached + 1);
});

test('[FD3] a quiet board still gets all its facts at every beat', async () => {
  const client = connect();
  await join(client);
  const updates = updatesOf(client);
  const startedAt = performance.now();
  await vi.waitFor(() => expect(updates.length).toBe(3), 5_000);
  expect(performance.now() - startedAt).toBeLessThan(3 * FEED_BEAT_MS + 1_000);
  for (const update of updates) {
    expect(update.channels.map(({ panel }) => panel)).toEqual(['orders', 'refunds']);
    expect(update.channels.flatMap(({ points }) => points)).toEqual([]);
  }
});

test('[FD5] the first change leaves at once, then at most four packets a second carry all channels', async () => {
  const client = connect();
  await join(client);
  const updates = updatesOf(client);
  const delays: number[] = [];
  for (let value = 1; value <= 4; value += 1) {
    const beats = updates.length;
    await vi.waitFor(() => expect(updates.length).toBe(beats + 1), 3_000);
    const beatAt = performance.now(); // from 250 ms after it the cadence is free, and the next beat is far
    await vi.waitFor(() => expect(performance.now() - beatAt).toBeGreaterThan(CALM_EVERY_MS + 30));
    const changedAt = performance.now();
    view.change('orders', [scriptedPoint(NOW - 10_000, value)]);
    view.change('refunds', [scriptedPoint(NOW - 10_000, -value)]);
    await vi.waitFor(() => expect(withPoints(updates).length).toBe(value), { interval: 2 });
    delays.push(performance.now() - changedAt);
    const sent = updates.at(-1)?.channels.map(({ points }) => points.map((point) => point.value));
    expect(sent).toEqual([[value], [-value]]);
  }
  expect(Math.min(...delays)).toBeLessThan(CALM_EVERY_MS / 2); // the best of a few: this machine may be busy

  const startedAt = performance.now();
  const from = updates.length;
  const burst = setInterval(() => view.change('orders', [scriptedPoint(NOW, updates.length)]), 5);
  await vi.waitFor(() => expect(updates.length).toBe(from + 4), { timeout: 3_000, interval: 2 });
  clearInterval(burst);
  expect(performance.now() - startedAt).toBeGreaterThan(4 * CALM_EVERY_MS - 60);
});

test('[FD5] frame: the next packet leaves when the last one is painted, and after a second in any case', async () => {
  const client = connect();
  await join(client, { cadence: 'frame' });
  const updates = updatesOf(client);
  view.change('orders', [scriptedPoint(NOW, 1)]);
  await vi.waitFor(() => expect(updates.length).toBe(1), { timeout: 2_000, interval: 2 });
  const sentAt = performance.now();
  view.change('orders', [scriptedPoint(NOW, 2)]);
  await client.emitWithAck('clock:probe', {}); // a round trip: an unpainted packet holds the next one
  expect(updates.length).toBe(1);
  await client.emitWithAck('board:painted', { board: 'shop', seq: 1 });
  await vi.waitFor(() => expect(updates.length).toBe(2), { timeout: 2_000, interval: 2 });
  expect(performance.now() - sentAt).toBeLessThan(PAINT_FALLBACK_MS - 100);
  const heldAt = performance.now();
  view.change('orders', [scriptedPoint(NOW, 3)]);
  await vi.waitFor(() => expect(updates.length).toBe(3), { timeout: 2_000, interval: 5 });
  expect(performance.now() - heldAt).toBeGreaterThan(800);
  expect(withPoints(updates).map(({ channels }) => channels[0]?.points[0]?.value)).toEqual([
    1, 2, 3,
  ]);
});

test('[FD4] facts never come without the values they speak for', async () => {
  const client = connect();
  const { update } = await join(client);
  const updates: BoardUpdate[] = [update];
  client.on('board:update', (next) => updates.push(next));
  let value = 0;
  const every = setInterval(() => {
    value += 1; // the value and the frontier that covers it move together, many times per packet
    view.change('orders', [scriptedPoint(NOW, value)], { frontier: epochMs(NOW + value) });
  }, 3);
  await vi.waitFor(() => expect(withPoints(updates).length).toBeGreaterThan(4), 5_000);
  clearInterval(every);
  let held: number | string | null = 0;
  for (const channel of updates.flatMap(({ channels }) => channels)) {
    if (channel.panel !== 'orders') continue;
    for (const point of channel.points) held = point.value;
    const speaksFor = channel.facts.frontier === null ? 0 : channel.facts.frontier - NOW;
    expect(held).toBe(speaksFor);
  }
});

test('[FD6] ten thousand changes for a screen that does not read stay bounded, and it wakes to the newest', async () => {
  const client = connect();
  await join(client);
  const updates = updatesOf(client);
  await vi.waitFor(() => expect(updates.length).toBe(1), 3_000);
  reading(client, false);
  const wide = 'x'.repeat(6_000); // wide enough to fill the buffers of the kernel, which nobody can look into
  const mostWaiting: number[] = [];
  for (let turn = 0; turn < 50; turn += 1) {
    for (let series = 0; series < 200; series += 1) {
      const dims = `{"a":"${wide}${series}"}`;
      view.change('orders', [scriptedPoint(NOW, turn, { dims })], {
        frontier: epochMs(NOW + turn),
      });
    }
    mostWaiting.push(feed.waiting());
    const turnAt = performance.now();
    await vi.waitFor(() => expect(performance.now() - turnAt).toBeGreaterThan(40), { interval: 5 });
  }
  // Each series waits once, however often it changed; and by now nothing leaves any more, at no cadence.
  expect(Math.max(...mostWaiting)).toBe(200);
  expect(mostWaiting.slice(-20).every((waiting) => waiting === 200)).toBe(true);
  reading(client, true);
  await vi.waitFor(() => {
    const last = updates.at(-1)?.channels.find(({ panel }) => panel === 'orders');
    expect(last?.facts.frontier).toBe(NOW + 49);
  }, 5_000);
  expect(updates.length).toBeLessThan(15);
  const held = new Map<string, unknown>();
  for (const update of updates)
    for (const channel of update.channels)
      for (const point of channel.points) held.set(point.dims, point.value);
  expect([...held.values()]).toEqual(Array.from({ length: 200 }, () => 49));
});

test('[FD6] more unsent points than the bound become a snapshot', async () => {
  const client = connect();
  await join(client);
  const updates = updatesOf(client);
  const points = Array.from({ length: MAX_PENDING_POINTS + 1 }, (_, i) =>
    scriptedPoint(NOW, i, { dims: `{"a":${i}}` }),
  );
  view.change('orders', points);
  expect(feed.waiting()).toBe(0);
  await vi.waitFor(() => expect(withPoints(updates).length).toBe(1), 3_000);
  const channel = withPoints(updates)[0]?.channels[0];
  expect(channel?.reset).toBe(true);
  expect(channel?.points.length).toBe(points.length);
});

test('[FD16] a metric that starts over replaces what the screen holds', async () => {
  view.change('orders', [scriptedPoint(NOW - 10_000, 7)]);
  const client = connect();
  await join(client);
  const updates = updatesOf(client);
  view.change('orders', [scriptedPoint(NOW, 8)]);
  view.reset('orders', [scriptedPoint(NOW, 1)]);
  await vi.waitFor(() => expect(withPoints(updates).length).toBe(1), 3_000);
  expect(withPoints(updates)[0]?.channels[0]).toMatchObject({
    panel: 'orders',
    reset: true,
    points: [{ start: NOW, value: 1 }],
  });
});

test('[FD7] a malformed request is answered and the connection lives', async () => {
  const client = connect();
  const reply = await ask(client, { cadence: 'sometimes' });
  expect(reply).toMatchObject({ ok: false, error: { code: 'feed/bad-request', retryable: false } });
  expect(reply.ok ? '' : reply.error.message).toContain('cadence');
  await join(client);
});

test('[FD7] a tab of another version is told to reload, whatever the shape of its request', async () => {
  const client = connect();
  for (const request of [{ protocol: 0 }, { protocol: 99, board: 7, cadence: {} }]) {
    const reply = await ask(client, request);
    expect(reply).toMatchObject({ ok: false, error: { code: 'feed/protocol-mismatch' } });
    expect(reply.ok ? '' : reply.error.message).toContain('reload this page');
  }
});

test('[FD7] an unknown board is answered with a sentence that says what to do', async () => {
  const reply = await ask(connect(), { board: 'nowhere' });
  expect(reply).toMatchObject({ ok: false, error: { code: 'http/not-found' } });
  expect(reply.ok ? '' : reply.error.message).toContain('"nowhere"');
});

test('[ER1] what fails inside is answered as internal, and none of its text leaves', async () => {
  definitions.board = () => {
    throw new Error('password=hunter2 at /etc/secret');
  };
  const reply = await ask(connect());
  expect(reply).toMatchObject({ ok: false, error: { code: 'internal', retryable: true } });
  expect(JSON.stringify(reply)).not.toMatch(/hunter2|secret/);
  expect(
    logger.lines.some(({ level, event }) => level === 'error' && event === 'feed:failed'),
  ).toBe(true);
});

test('[FD7] a view that fails while a packet is made is logged, and the next beat goes on', async () => {
  const client = connect();
  await join(client);
  const updates = updatesOf(client);
  const facts = view.facts.bind(view);
  view.facts = () => {
    throw new Error('broken');
  };
  await vi.waitFor(() => expect(logger.lines.at(-1)?.event).toBe('feed:failed'), 3_000);
  view.facts = facts;
  await vi.waitFor(() => expect(updates.length).toBe(1), 3_000);
  expect(updates[0]?.seq).toBe(2); // the gap that makes the screen ask for a snapshot
});

test('[AC1] whoever may not view a board is refused', async () => {
  viewer = { kind: 'anonymous' };
  const reply = await ask(connect());
  expect(reply).toMatchObject({ ok: false, error: { code: 'access/denied' } });
});

test('[FD8] a panel without its metric has no face and no channel, until the metric is there', async () => {
  definitions.put('Board', 'shop', { panels: [numberPanel('later')] });
  const client = connect();
  const { view: board, update } = await join(client);
  expect(board.panels[0]?.face).toBeNull();
  expect(update.channels).toEqual([]);
  const closed = once(client as never, 'board:closed');
  view.define(scriptedFace('later'), scriptedFacts());
  definitions.put('Metric', 'later', countSpec);
  expect(await closed).toEqual([{ board: 'shop', reason: 'changed' }]);
  expect((await join(client)).update.channels.map(({ panel }) => panel)).toEqual(['later']);
});

test('[FD8] a changed, a deleted and a forbidden board say so, and an untouched one goes on', async () => {
  definitions.put('Board', 'other', { panels: [numberPanel('orders')] });
  const client = connect();
  const closed: unknown[] = [];
  client.on('board:closed', (event) => closed.push(event));
  await join(client);
  await join(client, { board: 'other' });
  definitions.put('Board', 'shop', { panels: [numberPanel('refunds')] });
  await vi.waitFor(() => expect(closed).toEqual([{ board: 'shop', reason: 'changed' }]));
  await join(client);
  definitions.remove('Board', 'shop');
  await vi.waitFor(() => expect(closed[1]).toEqual({ board: 'shop', reason: 'deleted' }));
  expect(feed.screens()).toBe(1);
  const updates = updatesOf(client);
  await vi.waitFor(() => expect(updates.length).toBeGreaterThan(0), 3_000);
  expect(updates[0]?.board).toBe('other');
});

test('[FD8] a board that is left is sent no more', async () => {
  const client = connect();
  await join(client);
  await client.emitWithAck('board:leave', { board: 'shop' });
  expect(feed.screens()).toBe(0);
});

test("[FD10] the clock is answered in the cluster's time, and null before it is measured", async () => {
  const client = connect();
  expect(await client.emitWithAck('clock:probe', {})).toEqual({
    ok: true,
    value: { clusterNow: NOW, errorMs: 2 },
  });
  view.now = null;
  expect(await client.emitWithAck('clock:probe', {})).toEqual({
    ok: true,
    value: { clusterNow: null, errorMs: 0 },
  });
});

test('[FD10] a screen that joined before the clock was measured gets its range once it is', async () => {
  view.now = null;
  view.change('orders', [scriptedPoint(NOW - 20_000, 1), scriptedPoint(NOW - 10_000, 2)]);
  const client = connect();
  const { update } = await join(client);
  expect(update.channels[0]?.points.map(({ value }) => value)).toEqual([2]);
  const updates = updatesOf(client);
  view.now = { at: NOW, errorMs: 1 };
  await vi.waitFor(() => expect(withPoints(updates).length).toBe(1), 3_000);
  expect(withPoints(updates)[0]?.channels[0]?.points.map(({ value }) => value)).toEqual([1, 2]);
});

test.each([
  ['the page of another site', { origin: 'https://evil.example' }],
  ['another port', { origin: 'http://localhost:1' }],
  ['a name that was made to resolve here', { host: 'evil.example', origin: 'http://evil.example' }],
])('[HT3] a feed opened by %s is refused', async (_, headers) => {
  const client = connect(headers);
  const [error] = (await once(client as never, 'connect_error')) as [Error];
  expect(error.message).toBe('websocket error');
  expect(logger.lines.some(({ event }) => event === 'feed:refused')).toBe(true);
});

test('[HT3] a page of ours opens the feed', async () => {
  await join(connect({ origin: url }));
});

test("[FD19] closing ends every connection, a stopped reader's too, and leaves no listener", async () => {
  const [one, two] = [connect(), connect()];
  await join(one);
  await join(two);
  reading(two, false);
  const gone = once(one as never, 'disconnect');
  await feed.close();
  await gone;
  expect(view.subscribers).toBe(0);
  expect(feed.screens()).toBe(0);
});
