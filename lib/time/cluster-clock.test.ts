import { expect, test } from 'vitest';
import { ClusterClock } from './cluster-clock.ts';
import type { MonoMs } from './instant.ts';

const mono = (ms: number) => ms as MonoMs;

test('[CK1] knows nothing before the first answer', () => {
  const clock = new ClusterClock();
  expect(clock.read(mono(5))).toBeNull();
  expect(clock.earliest(mono(5))).toBeNull();
});

test('[CK2] an answer bounds the offset by half its round trip and the cut-off millisecond', () => {
  const clock = new ClusterClock();
  clock.observe(mono(100), mono(110), 1_000_105);
  const read = clock.read(mono(110));
  expect(read?.errorMs).toBeCloseTo(5.5);
  expect(read?.at).toBeCloseTo(1_000_110.5);
});

test('[CK2] the bound grows with drift until a better answer comes', () => {
  const clock = new ClusterClock();
  clock.observe(mono(0), mono(1), 1_000_000);
  const first = clock.read(mono(1))?.errorMs ?? 0;
  expect(clock.read(mono(10_001))?.errorMs).toBeCloseTo(first + 2);
  clock.observe(mono(10_001), mono(10_002), 1_010_001);
  expect(clock.read(mono(10_002))?.errorMs).toBeCloseTo(first);
});

test('[CK3] a worse answer that agrees does not replace a better one', () => {
  const clock = new ClusterClock();
  clock.observe(mono(0), mono(1), 1_000_000);
  const before = clock.read(mono(500));
  clock.observe(mono(100), mono(500), 1_000_300);
  expect(clock.read(mono(500))).toEqual(before);
});

test("[CK4] an answer that cannot agree replaces what was held: the cluster's clock stepped", () => {
  const clock = new ClusterClock();
  clock.observe(mono(0), mono(1), 1_000_000);
  clock.observe(mono(100), mono(200), 2_000_000);
  expect(clock.read(mono(150))?.at).toBeCloseTo(2_000_000.5);
});

test('[CK5] a proof claims the earliest instant the clock can have shown, and never one before 1970', () => {
  const clock = new ClusterClock();
  clock.observe(mono(0), mono(10), 1_000_000);
  const read = clock.read(mono(10));
  expect(clock.earliest(mono(10))).toBe(Math.floor((read?.at ?? 0) - (read?.errorMs ?? 0)));
  const early = new ClusterClock();
  early.observe(mono(0), mono(100), 3);
  expect(early.earliest(mono(0))).toBe(0);
});

test('[CK5] after a reset nothing is known', () => {
  const clock = new ClusterClock();
  clock.observe(mono(0), mono(1), 1_000_000);
  clock.reset();
  expect(clock.read(mono(2))).toBeNull();
});
