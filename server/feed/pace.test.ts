import { expect, test } from 'vitest';
import { CALM_EVERY_MS, FEED_BEAT_MS, FEED_SILENCE_MS } from '#lib/contracts/feed.ts';
import { dueAt, PAINT_FALLBACK_MS } from '#server/feed/pace.ts';

test('[FD5] calm: a change waits until 250 ms after the last packet', () => {
  expect(dueAt({ cadence: 'calm', sentAt: 100, unpainted: true, changed: true })).toBe(
    100 + CALM_EVERY_MS,
  );
});

test('[FD5] frame: a change leaves at once when the last packet is painted', () => {
  expect(dueAt({ cadence: 'frame', sentAt: 100, unpainted: false, changed: true })).toBe(100);
});

test('[FD5] frame: an unpainted packet holds the next one, for a second at most', () => {
  const unpainted = { cadence: 'frame', sentAt: 100, unpainted: true } as const;
  expect(dueAt({ ...unpainted, changed: true })).toBe(100 + PAINT_FALLBACK_MS);
  expect(dueAt({ ...unpainted, changed: false })).toBe(100 + PAINT_FALLBACK_MS);
});

test('[FD3] without a change the heartbeat is due, always long before a screen says Disconnected', () => {
  for (const cadence of ['calm', 'frame'] as const) {
    expect(dueAt({ cadence, sentAt: 100, unpainted: false, changed: false })).toBe(
      100 + FEED_BEAT_MS,
    );
  }
  expect(Math.max(FEED_BEAT_MS, PAINT_FALLBACK_MS)).toBeLessThanOrEqual(FEED_SILENCE_MS / 3);
});
