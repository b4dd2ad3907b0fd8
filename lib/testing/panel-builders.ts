import type { MetricFace, Point } from '#lib/contracts/feed.ts';
import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import type { Viewing } from '#lib/panels/panel-head.ts';
import { epochMs } from '#lib/time/instant.ts';

/** An instant on a whole minute, far from any day's border in UTC. */
export const NOW = 1_763_900_000_000 - (1_763_900_000_000 % 60_000);

/** Facts of a metric that is live at NOW: promised 30 s, drained, 400 ms old, an event a second ago. */
export const factsOf = (over: Partial<FreshnessFacts> = {}): FreshnessFacts => ({
  frontier: epochMs(NOW - 400),
  closing: epochMs(NOW - 1_000),
  clockErrorMs: 0,
  phase: { kind: 'running' },
  unanswered: null,
  blocked: null,
  appliedAt: epochMs(NOW - 1_000),
  heardAt: epochMs(NOW - 200),
  quietAfterMs: 60_000,
  targetMs: 30_000,
  stopTrustingMs: 90_000,
  lagRecords: 0,
  problem: null,
  ...over,
});

/** An ungrouped count over windows of ten seconds. */
export const faceOf = (over: Partial<MetricFace> = {}): MetricFace => ({
  metric: 'orders',
  version: '1-abc',
  title: 'Orders',
  owner: 'shop-core',
  runbook: null,
  unit: null,
  good: 'up',
  groupBy: [],
  windowMs: 10_000,
  measure: 'count',
  show: 'complete',
  topics: ['shop.orders'],
  ...over,
});

/** A value of the window that starts at `start`. */
export const pointOf = (
  start: number,
  value: Point['value'],
  over: Partial<Point> = {},
): Point => ({
  dims: '{}',
  start: epochMs(start),
  end: epochMs(start + 10_000),
  value,
  reason: null,
  withdrawn: false,
  partial: false,
  late: 0,
  eventAt: null,
  appendedAt: null,
  emittedAt: null,
  ...over,
});

/** A viewer in UTC and English whose clock is exact and who hears the server. */
export const viewingOf = (over: Partial<Viewing> = {}): Viewing => ({
  now: NOW,
  errorMs: 0,
  connection: { kind: 'connected' },
  style: { locale: 'en-US', zone: 'UTC' },
  ...over,
});
