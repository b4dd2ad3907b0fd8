import { setImmediate as nextTurn } from 'node:timers/promises';
import { epochMs, type EpochMs, type MonoMs } from '#lib/time/instant.ts';
import type { MemoryClock } from '#server/memory/memory-clock.ts';

/** 2026-01-01T00:00:00Z: any instant does, as long as it is always the same. */
const START = 1_767_225_600_000;
/** Turns of the event loop that let a chain of promises and message ports come to rest. */
const TURNS_TO_REST = 5;

interface Alarm {
  readonly due: number;
  readonly ring: () => void;
}

/**
 * A clock moved by hand. Time stands still until `advance` or `run`; whoever waits with `after` is woken in the order of the instants waited for,
 * and sees the clock at exactly that instant.
 */
export class HandClock implements MemoryClock {
  #wall: number;
  #mono = 0;
  #alarms: Alarm[] = [];

  constructor(startAt = START) {
    this.#wall = startAt;
  }

  now(): EpochMs {
    return epochMs(this.#wall);
  }

  monotonic(): MonoMs {
    return this.#mono as MonoMs; // the one place where this clock's reading is made
  }

  /** Moves both clocks on. Wakes are resolved, but what follows from them runs only when the caller awaits something: see `run`. */
  advance(ms: number): void {
    const until = this.#mono + ms;
    for (;;) {
      const next = this.#alarms
        .filter(({ due }) => due <= until)
        .reduce<Alarm | null>(
          (first, a) => (first === null || a.due < first.due ? a : first),
          null,
        );
      if (next === null) break;
      this.#moveTo(Math.max(this.#mono, next.due));
      this.#alarms = this.#alarms.filter((alarm) => alarm !== next);
      next.ring();
    }
    this.#moveTo(until);
  }

  /** Steps the wall clock alone, as an administrator or NTP does. */
  stepWall(ms: number): void {
    this.#wall += ms;
  }

  after(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || ms <= 0) {
        resolve();
        return;
      }
      const ring = () => {
        this.#alarms = this.#alarms.filter((other) => other !== alarm);
        signal.removeEventListener('abort', ring);
        resolve();
      };
      const alarm = { due: this.#mono + ms, ring };
      this.#alarms.push(alarm);
      signal.addEventListener('abort', ring, { once: true });
    });
  }

  /** Lets everything that can run without time passing run. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS_TO_REST; turn += 1) await nextTurn();
  }

  /**
   * Lets `ms` pass in steps, with everything in between coming to rest: readers answer, consumers apply, and no real time is slept. Work that
   * leaves the event loop (worker threads, files) is not waited for: there, wait for its condition.
   */
  async run(ms: number, stepMs = 50): Promise<void> {
    await this.settle();
    for (let left = ms; left > 0; left -= stepMs) {
      this.advance(Math.min(left, stepMs));
      await this.settle();
    }
  }

  #moveTo(mono: number): void {
    this.#wall += mono - this.#mono;
    this.#mono = mono;
  }
}
