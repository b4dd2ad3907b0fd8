import { expect, test } from 'vitest';
import { ViewerClock } from './viewer-clock.ts';

const C = 1_000_000;

test('[CK7] knows the cluster’s clock to half a round trip and the server’s own error', () => {
  const clock = new ViewerClock();
  expect(clock.read(0)).toBeNull();
  clock.observe(100, 120, { clusterNow: C, errorMs: 2 });
  expect(clock.read(120)).toEqual({ at: C + 10, errorMs: 12 });
});

test('[CK7] the best probe of the last minute decides, whichever came last', () => {
  const clock = new ViewerClock();
  clock.observe(0, 4, { clusterNow: C + 2, errorMs: 0 });
  clock.observe(1_000, 1_100, { clusterNow: C + 1_060, errorMs: 0 });
  expect(clock.read(1_100)?.at).toBe(C + 1_100);
  expect(clock.read(1_100)?.errorMs).toBeLessThan(3);
});

test('[CK7] a probe older than a minute no longer counts', () => {
  const clock = new ViewerClock();
  clock.observe(0, 4, { clusterNow: C + 2, errorMs: 0 });
  clock.observe(61_000, 61_100, { clusterNow: C + 61_050, errorMs: 0 });
  expect(clock.read(61_100)?.errorMs).toBe(50);
});

test('[CK7] the bound grows with drift, and a step of the server’s clock is believed', () => {
  const clock = new ViewerClock();
  clock.observe(0, 4, { clusterNow: C + 2, errorMs: 0 });
  expect(clock.read(10_004)?.errorMs).toBeCloseTo(4, 6);
  clock.observe(10_000, 10_050, { clusterNow: C + 90_000, errorMs: 0 });
  expect(clock.read(10_050)?.at).toBe(C + 90_025);
});
