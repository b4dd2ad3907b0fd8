/** How many of the largest event times are remembered: one wild record cannot move the clock, ten agree (SEMANTICS 2.2). */
const WITNESSES = 10;

/** What the checkpoint keeps of an event clock. */
export interface EventClockState {
  readonly at: number | null;
  /** Largest event times so far, ascending, at most ten. */
  readonly largest: readonly number[];
}

/**
 * Event clock of one partition: the largest event time so far, guarded (WN2). A record that leads the 10th largest by more than
 * `aheadMs` counts, but does not move the clock; with fewer than ten records seen, every one moves it.
 */
export class EventClock {
  #at: number | null;
  readonly #largest: number[];
  readonly #aheadMs: number;

  constructor(aheadMs: number, state: EventClockState = { at: null, largest: [] }) {
    this.#aheadMs = aheadMs;
    this.#at = state.at;
    this.#largest = [...state.largest];
  }

  /** Event time, epoch ms; null before the first event. */
  get at(): number | null {
    return this.#at;
  }

  /** Moves the clock by one event. Judge the record against `at` first (SEMANTICS 2.2). */
  advance(eventAt: number): void {
    const largest = this.#largest;
    const full = largest.length === WITNESSES;
    const tenth = largest[0] ?? eventAt;
    const wild = full && eventAt - tenth > this.#aheadMs;
    if (!full || eventAt > tenth) this.#remember(eventAt, full);
    if (!wild && (this.#at === null || eventAt > this.#at)) this.#at = eventAt;
  }

  state(): EventClockState {
    return { at: this.#at, largest: [...this.#largest] };
  }

  #remember(eventAt: number, full: boolean): void {
    const largest = this.#largest;
    if (full) largest.shift();
    let i = largest.length;
    while (i > 0 && (largest[i - 1] ?? 0) > eventAt) i -= 1;
    if (i === largest.length) largest.push(eventAt);
    else largest.splice(i, 0, eventAt);
  }
}
