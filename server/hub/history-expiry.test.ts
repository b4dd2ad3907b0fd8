import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SilentLogger } from '#server/memory/silent-logger.ts';
import { expireHistory } from './history-expiry.ts';
import { NOON } from './fixtures/hub-records.ts';

const DAY = 86_400_000;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(now: () => number | null, expire: (before: number) => Promise<void>) {
  const stopper = new AbortController();
  const lost = new AbortController();
  const holds: string[] = [];
  const lease = {
    hold: async (name: string, signal: AbortSignal) => {
      holds.push(name);
      return holds.length === 1 ? lost.signal : signal;
    },
  };
  const ended = expireHistory(
    { store: { expire }, lease, logger: new SilentLogger(), now },
    stopper.signal,
  );
  const stop = async (): Promise<void> => {
    stopper.abort();
    await ended;
  };
  return { stop, lost, holds };
}

test('[HB22] what was known more than eight days ago is deleted after a minute and then once an hour', async () => {
  const expired: number[] = [];
  const { stop } = start(
    () => NOON,
    async (before) => void expired.push(before),
  );
  await vi.advanceTimersByTimeAsync(60_000);
  expect(expired).toEqual([NOON - 8 * DAY]);
  await vi.advanceTimersByTimeAsync(2 * 3_600_000);
  expect(expired).toHaveLength(3);
  await stop();
});

test('[HB22] nothing is deleted while the cluster clock is unknown, and a failure waits for the next hour', async () => {
  let now: number | null = null;
  let calls = 0;
  const { stop } = start(
    () => now,
    () => {
      calls += 1;
      return Promise.reject(new Error('busy'));
    },
  );
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls).toBe(0);
  now = NOON;
  await vi.advanceTimersByTimeAsync(2 * 3_600_000);
  expect(calls).toBe(2);
  await stop();
});

test('[HB22] a lost lease stops it until the lease is granted again', async () => {
  const expired: number[] = [];
  const { stop, lost, holds } = start(
    () => NOON,
    async (before) => void expired.push(before),
  );
  await vi.advanceTimersByTimeAsync(1_000);
  lost.abort();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(holds).toEqual(['history', 'history']);
  expect(expired).toHaveLength(1);
  await stop();
});
