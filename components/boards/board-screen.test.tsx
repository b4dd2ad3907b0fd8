// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FeedClient } from '#components/feed/feed-client.ts';
import { FeedProvider } from '#components/feed/feed-context.tsx';
import { HandTab } from '#components/feed/fixtures/hand-tab.ts';
import { HandWire, settled } from '#components/feed/fixtures/hand-wire.ts';
import type { BoardView, Point } from '#lib/contracts/feed.ts';
import type { PanelSpec } from '#lib/definitions/schema.ts';
import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import { faceOf, factsOf, NOW, pointOf } from '#lib/testing/panel-builders.ts';
import { epochMs } from '#lib/time/instant.ts';
import { BoardScreen } from './board-screen.tsx';

const W = 10_000;
let tab: HandTab;
let wire: HandWire;
let queries: QueryClient;
let stop: () => void;
let seq = 0;

const spec = (over: Partial<PanelSpec> = {}): PanelSpec => ({
  id: 'orders',
  kind: 'number',
  metric: 'orders',
  range: 600_000 as never,
  at: { x: 0, y: 0, w: 3, h: 2 },
  ...over,
});
const panelsOf = (over: Partial<PanelSpec> = {}): BoardView['panels'] => [
  { spec: spec(over), face: faceOf() },
];

/** Runs the board with one panel, joined, on the screen. */
async function show(options: {
  readonly facts?: FreshnessFacts;
  readonly points?: readonly Point[];
  readonly panels?: BoardView['panels'];
  readonly only?: string;
}): Promise<void> {
  const feed = new FeedClient(() => wire, tab);
  stop = feed.start();
  render(
    <QueryClientProvider client={queries}>
      <FeedProvider value={feed}>
        <BoardScreen name="shop" {...(options.only !== undefined && { panel: options.only })} />
      </FeedProvider>
    </QueryClientProvider>,
  );
  wire.handlers?.connected();
  await settled();
  await wire.answer('clock:probe', { ok: true, value: { clusterNow: NOW, errorMs: 0 } });
  seq = 1;
  const view = {
    name: 'shop',
    title: 'Shop, right now',
    owner: 'shop-core',
    description: null,
    zone: 'Europe/Berlin',
    panels: options.panels ?? panelsOf(),
  };
  const update = {
    board: 'shop',
    seq,
    sentAt: epochMs(NOW),
    channels: [
      {
        panel: 'orders',
        reset: true,
        points: [...(options.points ?? [pointOf(NOW - 2 * W, 184)])],
        facts: options.facts ?? factsOf(),
      },
    ],
  };
  await wire.answer('board:join', { ok: true, value: { view, update } });
  act(() => void tab.frame());
}

const deliver = (facts: FreshnessFacts, points: Point[] = []) => {
  seq += 1;
  const channels = [{ panel: 'orders', reset: false, points, facts }];
  wire.deliver({ board: 'shop', seq, sentAt: epochMs(NOW), channels });
};
const pass = (ms: number) =>
  act(() => {
    tab.pass(ms);
    tab.frame();
  });
const panel = () => screen.getByRole('region', { name: 'Orders' });
const value = () => panel().querySelector<HTMLDataElement>('data[data-role="value"]')!;
const age = () => Number(panel().querySelector<HTMLDataElement>('data[data-role="age"]')!.value);
/** Tags and classes of a panel, but for the shape inside its icon: what a style sheet could lay out differently. */
const skeleton = () =>
  [panel(), ...panel().querySelectorAll('*:not(.state-icon *)')].map(
    (e) => `${e.tagName}.${e.getAttribute('class')}`,
  );

beforeEach(() => {
  tab = new HandTab();
  wire = new HandWire();
  queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  vi.stubGlobal(
    'ResizeObserver',
    class {
      readonly #callback: ResizeObserverCallback;
      constructor(callback: ResizeObserverCallback) {
        this.#callback = callback;
      }
      observe() {
        const entry = { contentRect: { width: 600, height: 300 } } as ResizeObserverEntry;
        this.#callback([entry], this);
      }
      unobserve() {}
      disconnect() {}
    },
  );
});
afterEach(() => {
  cleanup();
  stop();
  queries.clear();
  vi.unstubAllGlobals();
});

test('[UI5] a panel shows its number, state, age and span, for people and for machines', async () => {
  await show({});
  expect(panel().dataset).toMatchObject({
    state: 'live',
    frontier: String(NOW - 400),
    windowStart: String(NOW - 2 * W),
    windowEnd: String(NOW - W),
    seq: '1',
  });
  expect(value().value).toBe('184');
  expect(value().textContent).toBe('184');
  expect(age()).toBe(400);
  expect(panel().textContent).toContain('shop-core');
  expect(panel().textContent).toContain('lag 0');
  expect(screen.getByText(/times in Europe\/Berlin/)).toBeTruthy();
  expect(document.title).toBe('Shop, right now · Freshet');
});

test('[FR1] a silent feed turns Late, Stale and then Disconnected by itself', async () => {
  await show({ facts: factsOf({ targetMs: 1_000, stopTrustingMs: 2_000 }) });
  expect(panel().dataset['state']).toBe('live');
  pass(1_000);
  expect(panel().dataset['state']).toBe('late');
  const late = age();
  pass(1_000);
  expect(panel().dataset['state']).toBe('stale');
  expect(age()).toBeGreaterThan(late);
  pass(1_500);
  expect(panel().dataset['state']).toBe('disconnected');
  // The number is older than stop-trusting whatever the word.
  expect(panel().dataset['distrust']).toBe('true');
  expect(panel().querySelector('[data-struck="true"]')).toBeTruthy();
});

test('[UI11] a change of state changes no element and no class: nothing moves', async () => {
  await show({ facts: factsOf({ targetMs: 1_000, stopTrustingMs: 2_000 }) });
  const live = skeleton();
  pass(1_000);
  expect(panel().dataset['state']).toBe('late');
  expect(skeleton()).toEqual(live);
  pass(1_000);
  expect(panel().dataset['state']).toBe('stale');
  expect(skeleton()).toEqual(live);
  pass(1_500);
  expect(panel().dataset['state']).toBe('disconnected');
  expect(skeleton()).toEqual(live);
});

test('[UI11] the badge keeps room for its widest texts', async () => {
  await show({});
  const ghosts = [...panel().querySelectorAll('.badge-ghost')].map((ghost) => ghost.textContent);
  expect(ghosts).toEqual(['Stale10 min / 30 s', 'Blocked90 / 30 s', 'Disconnected10 min']);
});

test('[FD4] a new number and the frontier that speaks for it appear in one step', async () => {
  await show({});
  act(() => {
    deliver(factsOf({ frontier: epochMs(NOW + 9_000), closing: epochMs(NOW) }), [
      pointOf(NOW - W, 190),
    ]);
  });
  expect([value().value, panel().dataset['frontier']]).toEqual(['184', String(NOW - 400)]);
  act(() => void tab.frame());
  expect([value().value, panel().dataset['frontier']]).toEqual(['190', String(NOW + 9_000)]);
});

test('[UI2] a derived zero is marked', async () => {
  await show({ points: [] });
  expect(value().value).toBe('0');
  expect(panel().querySelector('[data-mark="derived"]')).toBeTruthy();
});

test('[UI5] unknown shows no number', async () => {
  await show({ points: [], facts: factsOf({ phase: null, frontier: null, closing: null }) });
  expect(panel().dataset['state']).toBe('unknown');
  expect([value().value, value().textContent]).toEqual(['', '–']);
});

test('[UI12] the badge opens Why by keyboard and Esc closes it', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no server in this test')));
  await show({ facts: factsOf({ frontier: epochMs(NOW - 41_000), lagRecords: 12 }) });
  const badge = screen.getByRole('button', { name: /^Late 41 \/ 30 s\. Why is Orders late\?$/ });
  await act(async () => {
    badge.focus();
    fireEvent.click(badge);
    await settled();
  });
  const why = screen.getByRole('dialog', { name: /Why is Orders late/ });
  expect(why.textContent).toContain('Orders is 41 s old, promised 30 s');
  expect(why.textContent).toContain('12 records are appended and not yet counted');
  await act(async () => {
    fireEvent.keyDown(document.activeElement ?? why, { key: 'Escape' });
    await settled();
  });
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('[UI8] a time series draws its line up to the frontier and hatches what is not known yet', async () => {
  await show({
    panels: panelsOf({ kind: 'time-series' }),
    points: [pointOf(NOW - 4 * W, 5), pointOf(NOW - 3 * W, 7), pointOf(NOW - 2 * W, 6)],
  });
  const lines = [...panel().querySelectorAll('[data-slot="0"] path')];
  const [whole, open] = lines.map((path) => path.getAttribute('d') ?? '');
  expect(whole).toMatch(/^M[\d.]+ [\d.]+L[\d.]+ [\d.]+L[\d.]+ [\d.]+$/);
  expect(open).toBe('');
  const frontier = Number(panel().querySelector('[data-role="frontier"]')?.getAttribute('x1'));
  const end = Number(panel().querySelector('[data-slot="0"] circle')?.getAttribute('cx'));
  expect(end).toBeLessThanOrEqual(frontier);
  const hatch = panel().querySelector('[data-role="not-known"]');
  expect(Number(hatch?.getAttribute('width'))).toBeGreaterThan(0);
  const before = whole;
  act(() =>
    deliver(factsOf({ closing: epochMs(NOW), frontier: epochMs(NOW) }), [pointOf(NOW - W, 8)]),
  );
  act(() => void tab.frame());
  expect(lines[0]?.getAttribute('d')?.split('L')).toHaveLength(
    (before?.split('L').length ?? 0) + 1,
  );
  expect(value().value).toBe('8');
});

test('[UI15] an empty board, a missing metric and a missing panel each say what to do', async () => {
  await show({ panels: [{ spec: spec({ metric: 'nope' }), face: null }] });
  expect(screen.getByRole('region', { name: 'nope' }).textContent).toContain(
    'There is no metric nope',
  );
  cleanup();
  stop();
  tab = new HandTab();
  wire = new HandWire();
  await show({ panels: [] });
  expect(screen.getByText(/This board has no panels yet/)).toBeTruthy();
  cleanup();
  stop();
  tab = new HandTab();
  wire = new HandWire();
  await show({ only: 'gone' });
  expect(screen.getByText('This board has no such panel')).toBeTruthy();
});

test('[UI16] screen readers hear of a change of state, not of numbers', async () => {
  await show({ facts: factsOf({ targetMs: 1_000, stopTrustingMs: 500_000 }) });
  const status = screen.getByRole('status');
  act(() =>
    deliver(factsOf({ targetMs: 1_000, stopTrustingMs: 500_000 }), [pointOf(NOW - 2 * W, 9)]),
  );
  for (let second = 0; second < 6; second += 1) {
    pass(1_000);
    act(() => deliver(factsOf({ targetMs: 1_000, stopTrustingMs: 500_000 })));
  }
  pass(1_000);
  expect(status.textContent).toBe('Orders: Late.');
});

test('[UI17] a board that does not exist, or a server that does not answer, is said in words', async () => {
  const feed = new FeedClient(() => wire, tab);
  stop = feed.start();
  render(
    <FeedProvider value={feed}>
      <BoardScreen name="nope" />
    </FeedProvider>,
  );
  expect(screen.getByText('Opening the board…')).toBeTruthy();
  pass(3_500);
  expect(screen.getByText('The server does not answer')).toBeTruthy();
  wire.handlers?.connected();
  await settled();
  await wire.answer('clock:probe', { ok: true, value: { clusterNow: NOW, errorMs: 0 } });
  await wire.answer('board:join', {
    ok: false,
    error: { code: 'http/not-found', message: 'No board is named "nope".', retryable: false },
  });
  act(() => void tab.frame());
  expect(screen.getByText('There is no board "nope"')).toBeTruthy();
});
