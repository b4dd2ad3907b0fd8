import { expect, test } from 'vitest';
import { pointsSince } from '#lib/panels/points-since.ts';
import { durationMs } from '#lib/time/instant.ts';

const MINUTE = 60_000;
const NOW = 1_000 * MINUTE;
const number = { kind: 'number', range: durationMs(60 * MINUTE) } as const;
const series = { kind: 'time-series', range: durationMs(60 * MINUTE) } as const;

test('[FD9] a number panel has its sparkline and, when it compares, the compared window', () => {
  expect(pointsSince(number, MINUTE, NOW, null)).toBe(NOW - 30 * MINUTE);
  const compared = { ...number, compare: durationMs(60 * MINUTE) };
  expect(pointsSince(compared, MINUTE, NOW, null)).toBe(NOW - 70 * MINUTE);
});

test('[FD9] a time series has its range and two windows more', () => {
  expect(pointsSince(series, MINUTE, NOW, NOW + MINUTE)).toBe(NOW - 62 * MINUTE);
});

test('[FD9] a metric that fell behind keeps the history before its newest complete window', () => {
  expect(pointsSince(number, MINUTE, NOW, NOW - 500 * MINUTE)).toBe(NOW - 530 * MINUTE);
});

test('[FD9] without a clock and without closing nothing is guessed', () => {
  expect(pointsSince(number, MINUTE, null, null)).toBeNull();
});
