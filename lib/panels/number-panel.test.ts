import { expect, test } from 'vitest';
import { faceOf, factsOf, NOW, pointOf, viewingOf } from '#lib/testing/panel-builders.ts';
import { epochMs } from '#lib/time/instant.ts';
import { numberPanel, type NumberPanelInput } from './number-panel.ts';

const W = 10_000;
const HOUR = 3_600_000;
/** The newest complete window at the builders' closing. */
const SHOWN = NOW - 2 * W;
const panel = (over: Partial<NumberPanelInput> = {}) =>
  numberPanel({
    face: faceOf(),
    spec: {},
    points: [pointOf(SHOWN, 184)],
    facts: factsOf(),
    viewing: viewingOf(),
    ...over,
  });

test('[UI5] prints number, span, "as of" and lag', () => {
  const model = panel({ facts: factsOf({ lagRecords: 1_204 }) });
  expect(model.texts[0].digits).toBe('184');
  expect(model.spanText).toMatch(/^\d\d:\d\d:40–\d\d:\d\d:50$/);
  expect(model.head).toMatchObject({ state: 'live', age: '0.4 / 30 s', lagText: 'lag 1,204' });
  expect(model.head.asOfText).toMatch(/^as of \d\d:\d\d:59$/);
  expect(model).toMatchObject({ dimmed: false, struck: false, mark: null, note: '' });
});

test('[UI5] a stale number is dimmed and struck, with the time it was true', () => {
  const model = panel({ facts: factsOf({ frontier: epochMs(NOW - 100_000) }) });
  expect(model).toMatchObject({ raw: 184, dimmed: true, struck: true });
  expect(model.note).toMatch(/^was true at \d\d:\d\d:20$/);
});

test('[UI5] unknown shows no number where none was ever known, else the last one dimmed with its time', () => {
  const none = panel({
    facts: factsOf({ phase: null, frontier: null, closing: null }),
    points: [],
  });
  expect(none).toMatchObject({ raw: null, dimmed: false, struck: false });
  expect(none.texts[0].digits).toBe('–');
  const last = panel({
    facts: factsOf({ unanswered: { who: 'Kafka', since: epochMs(NOW - 6_000) } }),
  });
  expect(last).toMatchObject({ raw: 184, dimmed: true, struck: false });
  expect(last.note).toMatch(/^was true at .*; Kafka has not answered since /);
});

test('[UI5] a disconnected screen dims its numbers and says since when', () => {
  const model = panel({ viewing: viewingOf({ connection: { kind: 'lost', sinceMs: 4_200 } }) });
  expect(model).toMatchObject({ raw: 184, dimmed: true });
  expect(model.note).toContain('no word from the server for 4.2 s');
});

test('[UI2] a derived zero is marked, and a quiet one says that Kafka answers', () => {
  const model = panel({ points: [], facts: factsOf({ appliedAt: epochMs(NOW - 100_000) }) });
  expect(model.raw).toBe(0);
  expect(model.mark?.text).toBe('derived');
  expect(model.note).toMatch(/^no event since .*, and Kafka answered 0\.4 s ago$/);
});

test('[UI5] Replaying shows its progress', () => {
  const phase = {
    kind: 'catching-up',
    remaining: 12_300,
    total: 45_000,
    estimateMs: 8_000,
  } as const;
  expect(panel({ facts: factsOf({ phase }) }).note).toBe(
    'catching up: 12,300 of 45,000 records left, about 8.0 s (estimate)',
  );
});

test('[UI3] compares with the same window earlier, in words from good', () => {
  const points = [pointOf(SHOWN - HOUR, 160), pointOf(SHOWN, 184)];
  const up = panel({ points, spec: { compare: HOUR as never } });
  expect(up.delta).toMatchObject({
    arrow: '▲',
    amount: '15 %',
    verdict: 'better',
    against: 'than an hour earlier',
  });
  const down = panel({ points, spec: { compare: HOUR as never }, face: faceOf({ good: 'down' }) });
  expect(down.delta?.verdict).toBe('worse');
});

test('[UI3] a percentage changes by points', () => {
  const face = faceOf({ measure: 'ratio', unit: 'percent', good: 'down' });
  const points = [pointOf(SHOWN - HOUR, 0.03), pointOf(SHOWN, 0.0342)];
  const model = panel({ face, points, spec: { compare: HOUR as never } });
  expect(model.delta).toMatchObject({ arrow: '▲', amount: '0.42 pt', verdict: 'worse' });
  expect(model.texts[0]).toEqual({ before: '', digits: '3.42', after: '%' });
});

test.each([
  ['the earlier window is unknown', [pointOf(SHOWN, 184)]],
  [
    'the earlier window is partial',
    [pointOf(SHOWN - HOUR, 160, { partial: true }), pointOf(SHOWN, 184)],
  ],
])('[UI3] there is no comparison when %s', (_, points) => {
  expect(panel({ points, spec: { compare: HOUR as never } }).delta).toBeNull();
});

test('[UI3] a window that is still open is not compared with a whole one', () => {
  const points = [pointOf(SHOWN + W - HOUR, 160), pointOf(SHOWN + W, 20)];
  const model = panel({ points, spec: { compare: HOUR as never, show: 'current' } });
  expect(model).toMatchObject({ raw: 20, delta: null, mark: { text: 'so far' } });
});

test('[UI4] a grouped metric without a total says what to do', () => {
  const model = panel({ face: faceOf({ groupBy: ['provider'], measure: 'avg' }) });
  expect(model).toMatchObject({ raw: null, note: 'grouped by provider: choose a series' });
});

test('[UI2] no events: the last number stands dimmed beside its own window', () => {
  const model = panel({ face: faceOf({ measure: 'avg' }), points: [pointOf(SHOWN - 3 * W, 38.5)] });
  expect(model).toMatchObject({ raw: 38.5, dimmed: true, struck: false });
  expect(model.note).toMatch(/^no events in .*; the last number is of /);
});
