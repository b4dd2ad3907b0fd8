import { expect, test } from 'vitest';
import { faceOf, factsOf, NOW, pointOf } from '#lib/testing/panel-builders.ts';
import { epochMs } from '#lib/time/instant.ts';
import { cellsOf } from './cells.ts';
import { shownWindow } from './shown-window.ts';

const W = 10_000;
const face = faceOf();
const cells = (...values: readonly (readonly [number, number])[]) =>
  cellsOf(
    face,
    values.map(([start, value]) => pointOf(NOW + start, value)),
  );

test('[UI1] complete shows the newest window whose end is at or before closing', () => {
  const held = cells([-2 * W, 5], [-W, 7], [0, 1]);
  const at = (closing: number) =>
    shownWindow(
      face,
      'complete',
      held,
      factsOf({ closing: epochMs(closing), frontier: epochMs(NOW + W) }),
    );
  expect(at(NOW)).toMatchObject({ kind: 'value', cell: { value: 7 }, soFar: false });
  expect(at(NOW - 1)).toMatchObject({ kind: 'value', cell: { value: 5 } });
});

test('[UI1] current shows the window closing stands in, or a newer one with events, never one past frontier and closing', () => {
  const facts = factsOf({ closing: epochMs(NOW - 2_000), frontier: epochMs(NOW + 3_000) });
  expect(shownWindow(face, 'current', cells([-W, 7]), facts)).toMatchObject({
    cell: { value: 7 },
    soFar: true,
  });
  expect(shownWindow(face, 'current', cells([-W, 7], [0, 2]), facts)).toMatchObject({
    cell: { value: 2 },
    soFar: true,
  });
  expect(shownWindow(face, 'current', cells([-W, 7], [W, 9]), facts)).toMatchObject({
    cell: { value: 7 },
  });
});

test.each(['count', 'sum'] as const)(
  '[UI2] an empty window is a derived zero for %s',
  (measure) => {
    const shown = shownWindow(
      faceOf({ measure }),
      'complete',
      [],
      factsOf({ closing: epochMs(NOW) }),
    );
    expect(shown).toEqual({ kind: 'derived-zero', start: NOW - W, end: NOW, soFar: false });
  },
);

test.each(['avg', 'min', 'max', 'ratio'] as const)(
  '[UI2] an empty window of %s has no events, and the last number beside its own window',
  (measure) => {
    const held = cells([-3 * W, 5]);
    const shown = shownWindow(
      faceOf({ measure }),
      'complete',
      held,
      factsOf({ closing: epochMs(NOW) }),
    );
    expect(shown).toMatchObject({
      kind: 'no-events',
      start: NOW - W,
      last: { value: 5, start: NOW - 3 * W },
    });
  },
);

test.each([{ closing: null }, { frontier: null }])(
  '[UI2] without %o nobody may show zero',
  (missing) => {
    const held = cells([-3 * W, 5]);
    expect(shownWindow(face, 'complete', held, factsOf(missing))).toMatchObject({
      kind: 'nothing',
      last: { value: 5 },
    });
  },
);

test('[UI4] a grouped metric shows its exact total for count and sum, and asks for a series else', () => {
  const grouped = (measure: 'sum' | 'avg') =>
    cellsOf(faceOf({ groupBy: ['p'], measure }), [
      pointOf(NOW, '0.10', { dims: '{"p":"a"}' }),
      pointOf(NOW, '0.20', { dims: '{"p":"b"}', partial: true, late: 2 }),
    ]);
  expect(grouped('sum')).toEqual([
    { start: NOW, end: NOW + W, value: '0.3', reason: null, partial: true, late: 2 },
  ]);
  expect(shownWindow(face, 'complete', grouped('avg'), factsOf())).toEqual({ kind: 'grouped' });
});

test('[UI4] a total with an unknown part is unknown', () => {
  const held = cellsOf(faceOf({ groupBy: ['p'] }), [
    pointOf(NOW, 3, { dims: '{"p":"a"}' }),
    pointOf(NOW, null, { dims: '{"p":"b"}' }),
  ]);
  expect(held?.[0]?.value).toBeNull();
});
