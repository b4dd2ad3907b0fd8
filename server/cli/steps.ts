import type { Clock } from '#lib/time/instant.ts';
import { paint, type Terminal } from './terminal.ts';

/** Shown from here on with its time; a step that takes less is nobody's business. */
const SHOW_TIME_FROM_MS = 100;

/** Progress of a start on the terminal: one line per step, written over while it runs where that is possible. */
export class Steps {
  readonly #terminal: Terminal;
  readonly #clock: Clock;

  constructor(terminal: Terminal, clock: Clock) {
    this.#terminal = terminal;
    this.#clock = clock;
  }

  /** `doing` says what is under way; `run` resolves with what is done ("Kafka 4.2 on 127.0.0.1:41231") and may report its own progress. */
  async step(doing: string, run: (now: (doing: string) => void) => Promise<string>): Promise<void> {
    const startedAt = this.#clock.monotonic();
    this.#show(doing);
    try {
      const done = await run((text) => this.#show(text));
      const ms = this.#clock.monotonic() - startedAt;
      const time = ms < SHOW_TIME_FROM_MS ? '' : ` (${(ms / 1_000).toFixed(1)} s)`;
      this.#line(
        `${paint(this.#terminal, 'green', '✓')} ${done}${paint(this.#terminal, 'dim', time)}`,
      );
    } catch (error) {
      this.#line(`${paint(this.#terminal, 'red', '✗')} ${doing}`);
      throw error;
    }
  }

  /** Something people should know, later than the start. */
  note(text: string): void {
    this.#line(text);
  }

  #show(doing: string): void {
    if (this.#terminal.interactive) this.#terminal.err(`\r\u001b[K· ${doing} …`);
  }

  #line(text: string): void {
    this.#terminal.err(`${this.#terminal.interactive ? '\r\u001b[K' : ''}${text}\n`);
  }
}
