import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventClock } from '#lib/engine/event-clock.ts';
import { eventTimeOf, parseIso8601 } from '#lib/engine/event-time.ts';

describe('event time', () => {
  test.each([
    ['2026-03-29T01:30:00Z', Date.UTC(2026, 2, 29, 1, 30)],
    ['2026-03-29T01:30:00.1239Z', Date.UTC(2026, 2, 29, 1, 30, 0, 123)],
    ['2026-03-29T01:30:00+02:00', Date.UTC(2026, 2, 28, 23, 30)],
    ['2026-03-29T01:30:00-05:45', Date.UTC(2026, 2, 29, 7, 15)],
  ])('[WN1] %s is read to the millisecond', (text, at) => {
    expect(parseIso8601(text)).toBe(at);
  });

  test.each([
    '2026-02-30T00:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    'soon',
  ])('[WN1] %s names no instant', (text) => {
    expect(parseIso8601(text)).toBeNull();
  });

  test('[WN1] the short way for the day read last agrees with Date.parse, and refuses what the long way refuses', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_800_000 }),
        fc.nat(86_399_999),
        (at, later) => {
          const day = at - (at % 86_400_000);
          const texts = [at, day + later].map((ms) => new Date(ms).toISOString());
          expect(texts.map(parseIso8601)).toEqual(texts.map((text) => Date.parse(text)));
          expect(parseIso8601(texts[1]!.replace(/\.\d+/, ''))).toBe(
            Math.floor((day + later) / 1_000) * 1_000,
          );
          for (const bad of ['T24', 'T1x', 'T-1'])
            expect(parseIso8601(texts[1]!.replace(/T\d\d/, bad))).toBeNull();
        },
      ),
    );
  });

  test('[WN1] epoch times are numbers or digits, and no slip of a unit passes', () => {
    const ms = { field: 'at', as: 'epoch-ms' } as const;
    const s = { field: 'at', as: 'epoch-s' } as const;
    expect(eventTimeOf(ms, { at: 1_700_000_000_000 }, 0)).toBe(1_700_000_000_000);
    expect(eventTimeOf(ms, { at: '1700000000000' }, 0)).toBe(1_700_000_000_000);
    expect(eventTimeOf(s, { at: 1_700_000_000.25 }, 0)).toBe(1_700_000_000_250);
    expect(eventTimeOf(ms, { at: 1_700_000_000_000_000_000 }, 0)).toBeNull();
    expect(eventTimeOf(ms, { at: -1 }, 0)).toBeNull();
    expect(eventTimeOf(ms, {}, 0)).toBeNull();
    expect(eventTimeOf({ as: 'record' }, {}, 42)).toBe(42);
    expect(eventTimeOf({ as: 'record' }, {}, -1)).toBeNull();
  });
});

describe('event clock', () => {
  const after = (times: readonly number[]) => {
    const clock = new EventClock(1_000);
    for (const at of times) clock.advance(at);
    return clock;
  };
  const steady = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

  test('[WN2] is the largest event time and never goes back', () => {
    expect(after([5, 9, 3]).at).toBe(9);
    expect(after([]).at).toBeNull();
  });

  test('[WN2] one record far ahead of ten others does not move it', () => {
    expect(after([...steady, 5_000]).at).toBe(100);
    expect(after([...steady, 5_000, 110]).at).toBe(110);
  });

  test('[WN2] ten records far ahead do', () => {
    const ahead = Array.from({ length: 11 }, (_, i) => 5_000 + i);
    expect(after([...steady, ...ahead.slice(0, 10)]).at).toBe(100);
    expect(after([...steady, ...ahead]).at).toBe(5_010);
  });

  test('[WN2] goes on from its own state', () => {
    const clock = after([...steady, 5_000]);
    expect(new EventClock(1_000, clock.state()).state()).toEqual(clock.state());
  });
});
