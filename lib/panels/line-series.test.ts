import { expect, test } from 'vitest';
import { faceOf, factsOf, NOW, pointOf, viewingOf } from '#lib/testing/panel-builders.ts';
import { epochMs } from '#lib/time/instant.ts';
import { chartFrame, timeSpan } from './chart-frame.ts';
import { linePaths } from './line-paths.ts';
import { lineChart } from './line-series.ts';
import { createColourBook } from './series-colours.ts';
import { timeSeriesPanel } from './time-series-panel.ts';

const W = 10_000;
const range = { from: NOW - 10 * W, to: NOW + W };
const chart = (
  points: readonly ReturnType<typeof pointOf>[],
  options: {
    face?: ReturnType<typeof faceOf>;
    by?: string;
    facts?: ReturnType<typeof factsOf>;
  } = {},
) =>
  lineChart(options.face ?? faceOf(), points, options.facts ?? factsOf(), {
    range,
    by: options.by,
  });
const values = (model: ReturnType<typeof chart>) => model.lines.map((line) => [...line.values]);

test('[UI8] an empty window is zero for a count between the first point and closing, and a gap for an average', () => {
  const points = [pointOf(NOW - 6 * W, 5), pointOf(NOW - 3 * W, 7)];
  expect(values(chart(points))).toEqual([[5, 0, 0, 7, 0]]);
  expect(values(chart(points, { face: faceOf({ measure: 'avg' }) }))).toEqual([
    [5, NaN, NaN, 7, NaN],
  ]);
});

test('[UI8] before the first point nothing is known, and nothing is drawn', () => {
  expect(chart([pointOf(NOW - 3 * W, 7)]).starts[0]).toBe(NOW - 3 * W);
});

test('[UI8] nothing stands after the frontier, and windows past closing are open', () => {
  const model = chart([pointOf(NOW - 2 * W, 5), pointOf(NOW - W, 7), pointOf(NOW, 9)]);
  expect(model.starts).toEqual([NOW - 2 * W, NOW - W]);
  expect(model).toMatchObject({ openFrom: 1, newest: 0, frontier: NOW - 400 });
  const x = { slope: 1, offset: -NOW };
  const paths = linePaths(model, 0, x, { slope: -1, offset: 100 });
  expect(paths).toEqual({
    whole: 'M-10000.0 95.0',
    open: 'M-10000.0 95.0L-400.0 93.0',
    end: { x: -400, y: 93 },
  });
});

test('[UI8] a gap lifts the pen', () => {
  const model = chart([pointOf(NOW - 5 * W, 5), pointOf(NOW - 3 * W, 7)], {
    face: faceOf({ measure: 'avg' }),
  });
  expect(
    linePaths(model, 0, { slope: 1 / W, offset: -NOW / W }, { slope: 1, offset: 0 }).whole,
  ).toBe('M-4.0 5.0M-2.0 7.0');
});

test('[UI8] by makes the lines, adding up other dimensions where adding has a meaning', () => {
  const face = faceOf({ groupBy: ['p', 'r'] });
  const point = (p: string, r: string, value: number) =>
    pointOf(NOW - 3 * W, value, { dims: JSON.stringify({ p, r }) });
  const points = [point('b', 'x', 1), point('b', 'y', 2), point('a', 'x', 4)];
  const added = chart(points, { face, by: 'p' });
  expect(added.lines.map(({ label, exact }) => [label, exact[0]])).toEqual([
    ['a', 4],
    ['b', 3],
  ]);
  const apart = chart(points, { face: { ...face, measure: 'avg' }, by: 'p' });
  expect(apart.lines.map(({ label }) => label)).toEqual(['a · x', 'b · x', 'b · y']);
});

test('[UI8] more than eight series fall into other, or are counted where they cannot be added', () => {
  const face = faceOf({ groupBy: ['p'] });
  const points = Array.from({ length: 10 }, (_, i) =>
    pointOf(NOW - 3 * W, 10 - i, { dims: JSON.stringify({ p: `s${i}` }) }),
  );
  const added = chart(points, { face, by: 'p' });
  expect(added.lines.map(({ label }) => label)).toEqual([
    's0',
    's1',
    's2',
    's3',
    's4',
    's5',
    's6',
    'other (3)',
  ]);
  expect(added.lines.at(-1)?.exact[0]).toBe(6);
  const apart = chart(points, { face: { ...face, measure: 'max' }, by: 'p' });
  expect(apart).toMatchObject({ hidden: 2 });
  expect(apart.lines).toHaveLength(8);
});

test('[UI8] the axes move in steps and keep their bounds while the data fill them', () => {
  expect(timeSpan(NOW + 1, 3_600_000, W)).toEqual({ from: NOW + W - 3_600_000, to: NOW + W });
  const span = timeSpan(NOW, 3_600_000, W);
  const first = chartFrame(chart([pointOf(NOW - 3 * W, 93)]), span, null);
  expect(first).toMatchObject({ low: 0, high: 100, yTicks: [0, 25, 50, 75, 100] });
  expect(chartFrame(chart([pointOf(NOW - 3 * W, 70)]), span, first)).toBe(first);
  expect(chartFrame(chart([pointOf(NOW - 3 * W, 12)]), span, first).high).toBeLessThan(100);
  expect(chartFrame(chart([pointOf(NOW - 3 * W, 140)]), span, first).high).toBeGreaterThan(140);
});

const panel = (facts: ReturnType<typeof factsOf>, points: ReturnType<typeof pointOf>[] = []) =>
  timeSeriesPanel({
    face: faceOf(),
    spec: { range: 3_600_000 as never },
    points: new Map(points.map((point) => [String(point.start), point])),
    facts,
    viewing: viewingOf(),
    book: createColourBook(),
  });

test.each([
  ['No events yet', factsOf({ appliedAt: null }), []],
  ['No events in the last 1 h', factsOf({ appliedAt: epochMs(NOW - 7_200_000) }), []],
  ['Nothing is known yet', factsOf({ phase: null, frontier: null, closing: null }), []],
  ['Replaying', factsOf({ phase: { kind: 'restoring' } }), []],
])('[UI15] an empty chart says which emptiness it is: %s', (title, facts, points) => {
  expect(panel(facts, points).empty?.title).toBe(title);
});

test('[UI8] the legend has the newest complete number, the foot says what came too late', () => {
  const model = panel(factsOf(), [pointOf(NOW - 2 * W, 5, { late: 3 }), pointOf(NOW - W, 7)]);
  expect(model.legend).toEqual([{ label: 'Orders', colour: 0, value: '5' }]);
  expect(model.window).toEqual({ start: NOW - 2 * W, end: NOW - W });
  expect(model.foot).toMatch(/^as of .* · lag 0 · 3 came too late, not counted$/);
});
