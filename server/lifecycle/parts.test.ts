import { EventEmitter } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import type { MonoMs } from '#lib/time/instant.ts';
import { Parts } from './parts.ts';
import { listenForStop } from './stop-signals.ts';
import { systemClock } from './system-clock.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe('parts', () => {
  test('[LC3] stop in reverse order, each after the younger one has ended', async () => {
    const parts = new Parts(systemClock, quiet);
    const order: string[] = [];
    parts.add('store', () => void order.push('store'));
    parts.run('hub', async (signal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await Promise.resolve();
      order.push('hub');
    });
    parts.add('http', async () => {
      await Promise.resolve();
      order.push('http');
    });
    await parts.stop();
    expect(order).toEqual(['http', 'hub', 'store']);
  });

  test('[LC3] one that hangs or fails is named in the log and does not keep the others', async () => {
    const warned: unknown[] = [];
    const logger = { ...quiet, warn: (_: string, facts?: unknown) => void warned.push(facts) };
    const parts = new Parts(systemClock, logger);
    let stopped = false;
    parts.add('store', () => {
      stopped = true;
    });
    parts.add('hangs', () => new Promise(() => {}));
    parts.add('fails', () => Promise.reject(new Error('no')));
    const startedAt = performance.now();
    await parts.stop(80);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(stopped).toBe(true);
    expect(warned).toEqual([
      { part: 'fails', outcome: 'no' },
      { part: 'hangs', outcome: 'timed-out' },
    ]);
  });

  test('[LC3] what is opened while everything stops is stopped at once', async () => {
    const parts = new Parts(systemClock, quiet);
    await parts.stop();
    let stopped = false;
    parts.add('late', () => {
      stopped = true;
    });
    await vi.waitFor(() => expect(stopped).toBe(true));
  });

  test('a running part that fails for good is heard, one that is being stopped is not', async () => {
    const parts = new Parts(systemClock, quiet);
    parts.run('compute', () => Promise.reject(new Error('fenced')));
    await expect(parts.failure).rejects.toThrow('fenced');
    await parts.stop();
  });
});

describe('stop signals', () => {
  test('[LC4] the first asks, the second exits at once', () => {
    const source = new EventEmitter();
    const exits: number[] = [];
    let now = 1_000;
    const clock = { ...systemClock, monotonic: () => now as MonoMs };
    const stop = listenForStop(source, (code) => exits.push(code), clock);
    source.emit('SIGTERM');
    expect(stop.signal.aborted).toBe(true);
    now += 20; // the same Ctrl-C once more, handed on by npm
    source.emit('SIGINT');
    expect(exits).toEqual([]);
    now += 500;
    source.emit('SIGINT');
    expect(exits).toEqual([130]);
    stop.release();
    expect(source.eventNames()).toEqual([]);
  });
});
