import { describe, expect, test, vi } from 'vitest';
import { AppError } from '#lib/errors/app-error.ts';
import type { Logger } from '#server/ports/logger.ts';
import { supervise } from './supervise.ts';
import { systemClock } from './system-clock.ts';

function recordingLogger() {
  const lines: { level: string; event: string; facts: unknown }[] = [];
  const at = (level: string) => (event: string, facts?: unknown) => {
    lines.push({ level, event, facts });
  };
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
  return { logger, lines };
}

describe('supervise', () => {
  test('[LC1] runs a part again until the signal aborts, then resolves', async () => {
    const { logger, lines } = recordingLogger();
    const stopper = new AbortController();
    let runs = 0;
    await supervise(
      'part',
      async () => {
        runs += 1;
        if (runs === 4) stopper.abort();
        if (runs % 2 === 0) return;
        throw new Error('lost');
      },
      stopper.signal,
      { clock: systemClock, logger, backoff: { firstMs: 1, maxMs: 4 } },
    );
    expect(runs).toBe(4);
    expect(lines.map((line) => line.event)).toEqual(Array(3).fill('part:restart'));
  });

  test('[LC2] the delay doubles up to its limit and the log level rises with it', async () => {
    vi.useFakeTimers();
    try {
      const { logger, lines } = recordingLogger();
      const stopper = new AbortController();
      const delays: number[] = [];
      const ended = supervise('part', () => Promise.reject(new Error('lost')), stopper.signal, {
        clock: { ...systemClock, monotonic: () => 0 as ReturnType<typeof systemClock.monotonic> },
        logger,
        onRestart: (_, delayMs) => delays.push(delayMs),
      });
      await vi.advanceTimersByTimeAsync(30_000);
      stopper.abort();
      await ended;
      expect(delays).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
      expect(lines.map((line) => line.level)).toEqual([
        'info',
        'warn',
        'warn',
        'warn',
        'error',
        'error',
        'error',
        'error',
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('[LC2] a part that ran for long starts over with the shortest delay', async () => {
    const { logger } = recordingLogger();
    const stopper = new AbortController();
    const delays: number[] = [];
    let now = 0;
    await supervise(
      'part',
      async () => {
        if (delays.length === 2) now += 10;
        throw new Error('lost');
      },
      stopper.signal,
      {
        clock: {
          ...systemClock,
          monotonic: () => now as ReturnType<typeof systemClock.monotonic>,
        },
        logger,
        backoff: { firstMs: 1, maxMs: 10 },
        onRestart: (_, delayMs) => {
          delays.push(delayMs);
          if (delays.length === 3) stopper.abort();
        },
      },
    );
    expect(delays).toEqual([1, 2, 1]);
  });

  test('[LC1] a failure that is not to be retried is final', async () => {
    const { logger } = recordingLogger();
    const fenced = new AppError('compute/fenced', 'Another computer took over.');
    await expect(
      supervise('compute', () => Promise.reject(fenced), new AbortController().signal, {
        clock: systemClock,
        logger,
      }),
    ).rejects.toBe(fenced);
  });
});
