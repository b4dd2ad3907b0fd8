import { expect, test } from 'vitest';
import { epochMs } from '#lib/time/instant.ts';
import { lagOf, lagRecordsOf } from './lag.ts';

const facts = (frontier: number | null, lagRecords: number | null) => ({
  frontier: frontier === null ? null : epochMs(frontier),
  clockErrorMs: 2,
  lagRecords,
});

test('[LG1] lag in time is now minus the frontier with every error bound, rounded up', () => {
  expect(lagOf(facts(1_000, 7), 1_500.2, 3).timeMs).toEqual({ kind: 'measured', value: 506 });
});

test('[LG1] lag in time is never negative', () => {
  expect(lagOf(facts(2_000, 0), 1_000, 0).timeMs).toEqual({ kind: 'measured', value: 0 });
});

test.each([
  ['a metric never heard of', null, 5_000],
  ['no proven frontier', facts(null, 3), 5_000],
  ['an unmeasured clock', facts(1_000, 3), null],
])('[LG2] with %s lag in time is unknown', (_, known, now) => {
  expect(lagOf(known, now, 0).timeMs).toEqual({ kind: 'unknown' });
});

test('[LG2] records are measured also while no frontier is proven, and unknown where nobody counted them', () => {
  expect(lagOf(facts(null, 3), 5_000, 0).records).toEqual({ kind: 'measured', value: 3 });
  expect(lagOf(facts(1_000, null), 5_000, 0).records).toEqual({ kind: 'unknown' });
  expect(lagOf(null, 5_000, 0).records).toEqual({ kind: 'unknown' });
});

test('[LG3] the records of partitions add up, and one unknown end makes the sum unknown', () => {
  expect(
    lagRecordsOf([
      { next: 3, end: 10 },
      { next: 5, end: 5 },
    ]),
  ).toBe(7);
  expect(
    lagRecordsOf([
      { next: 3, end: 10 },
      { next: 0, end: null },
    ]),
  ).toBeNull();
  expect(lagRecordsOf([{ next: 9, end: 8 }])).toBe(0);
  expect(lagRecordsOf([])).toBeNull();
});
