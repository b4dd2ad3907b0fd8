import { expect, test } from 'vitest';
import { faceOf } from '#lib/testing/panel-builders.ts';
import { ageOverTarget, ageText, earlierText, hopText, promiseText } from './age-text.ts';
import { exactTotal } from './exact-total.ts';
import { fitNumber } from './fit-number.ts';
import { axisText, formatNumber, numberLine } from './number-format.ts';
import { absoluteText, clockText, spanText } from './time-format.ts';

const en = 'en-US';
const T = Date.UTC(2026, 10, 23, 13, 2, 10);

test.each([
  [0, '0.0 s'],
  [1_201, '1.3 s'],
  [9_901, '10 s'],
  [41_000, '41 s'],
  [41_001, '42 s'],
  [121_000, '2.1 min'],
  [361_000, '6.1 min'],
  [7_200_000, '2.0 h'],
])('[UI7] an age of %d ms is printed rounded up: %s', (ms, text) => {
  expect(ageText(ms)).toBe(text);
});

test.each([
  [1_200, 30_000, '1.2 / 30 s'],
  [363_000, 60_000, '6.1 / 1 min'],
  [363_000, 30_000, '6.1 min / 30 s'],
  [41_000, 60_000, '41 s / 1 min'],
  [41_000, null, '41 s'],
  [null, 30_000, '– / 30 s'],
])('[UI7] age %s of target %s is %s', (age, target, text) => {
  expect(ageOverTarget(age, target)).toBe(text);
});

test('[UI7] promises keep their own words, hops their sign', () => {
  expect([500, 90_000, 120_000, 3_600_000].map(promiseText)).toEqual([
    '0.5 s',
    '90 s',
    '2 min',
    '1 h',
  ]);
  expect([0.42, 12.4, 1_200, -30].map(hopText)).toEqual(['0.4 ms', '12 ms', '1.2 s', '−30 ms']);
  expect([3_600_000, 86_400_000, 600_000].map(earlierText)).toEqual([
    'an hour earlier',
    'a day earlier',
    '10 min earlier',
  ]);
});

test('[UI6] decimals are formatted from their text, without a double in between', () => {
  const face = faceOf({ measure: 'sum' });
  expect(formatNumber('9007199254740993', face, en).digits).toBe('9,007,199,254,740,993');
});

test.each([
  ['48213.50', 'EUR', 'sum', { before: '€', digits: '48,214', after: '' }],
  ['482.5', '€', 'sum', { before: '€', digits: '482.50', after: '' }],
  [0.0342, 'percent', 'ratio', { before: '', digits: '3.42', after: '%' }],
  [12.5, 'percent', 'avg', { before: '', digits: '12.5', after: '%' }],
  [38.25, 'ms', 'avg', { before: '', digits: '38.25', after: 'ms' }],
  [-3, null, 'count', { before: '', digits: '−3', after: '' }],
  [null, null, 'count', { before: '', digits: '–', after: '' }],
] as const)('[UI6] %s in %s of %s', (value, unit, measure, text) => {
  expect(formatNumber(value, faceOf({ unit, measure }), en)).toEqual(text);
});

test('[UI6] the viewer’s language decides, short forms are short', () => {
  expect(numberLine('1234.5', faceOf({ measure: 'sum', unit: 'EUR' }), 'de-DE')).toBe('1.234,50 €');
  expect(formatNumber(12_400, faceOf(), en, 'short').digits).toBe('12.4K');
  expect(axisText(8_000, faceOf({ measure: 'sum', unit: 'EUR' }), en)).toBe('€8,000');
  expect(axisText(38, faceOf({ measure: 'avg', unit: 'min' }), en)).toBe('38');
});

test('[UI6] what a panel gives up first are decimals, then the trend, then digits', () => {
  const face = faceOf({ measure: 'avg', unit: 'g' });
  const texts = (['full', 'plain', 'short'] as const).map((size) =>
    formatNumber(998.25, face, en, size),
  );
  const at = (px: number) => fitNumber(texts as never, px, 40);
  expect([400, 265, 150, 90].map(at)).toEqual([
    { text: 0, spark: true },
    { text: 1, spark: true },
    { text: 1, spark: false },
    { text: 2, spark: false },
  ]);
});

test('[UI6] totals of decimals are exact, of doubles the sum of doubles', () => {
  expect(exactTotal(['0.1', '0.2'])).toBe('0.3');
  expect(exactTotal([1, 2])).toBe(3);
  expect(exactTotal(['9007199254740993', '1'])).toBe('9007199254740994');
  expect(exactTotal([1, null])).toBeNull();
});

test('[UI14] times stand in the board’s zone, with the day when it is another, everything on hover', () => {
  const style = { locale: en, zone: 'Europe/Berlin' };
  expect(clockText(T, style)).toBe('14:02:10');
  expect(clockText(T, style, T + 86_400_000)).toBe('Nov 23, 14:02:10');
  expect(spanText({ start: T, end: T + 10_000 }, style)).toBe('14:02:10–14:02:20');
  expect(spanText({ start: T - 10_000, end: T + 50_000 }, style)).toBe('14:02–14:03');
  const night = Date.UTC(2026, 10, 23);
  expect(spanText({ start: night, end: night + 86_400_000 }, style)).toBe(
    'Nov 23, 01:00 – Nov 24, 01:00',
  );
  expect(spanText({ start: night + 79_200_000, end: night + 82_800_000 }, style)).toBe(
    '23:00–00:00',
  );
  expect(absoluteText(T, style)).toBe('Nov 23, 2026, 14:02:10 GMT+01:00 (Europe/Berlin)');
});
