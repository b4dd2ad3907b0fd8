import type { Clock } from '#lib/time/instant.ts';

/** A wall clock that is slewed moves a few hundred microseconds a second; more than this at once is a step or a sleep (SEMANTICS 4.4). */
const STEP_MS = 1_000;

/**
 * Notices that this machine slept or that its wall clock was set: the monotonic clock stands still or goes on evenly while the wall clock
 * jumps. Between two looks the difference of the two may move by a second; slow slewing is followed (CK6).
 */
export class ClockSteps {
  readonly #clock: Clock;
  #difference: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#difference = clock.now() - clock.monotonic();
  }

  /** True when the clocks parted since the last look: what was measured before says nothing any more. */
  stepped(): boolean {
    const difference = this.#clock.now() - this.#clock.monotonic();
    const moved = Math.abs(difference - this.#difference);
    this.#difference = difference;
    return moved > STEP_MS;
  }
}
