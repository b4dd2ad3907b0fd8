import { FEED_SILENCE_MS } from '#lib/contracts/feed.ts';
import type { Connection } from '#lib/freshness/words.ts';
import type { Tab } from './tab.ts';

/** The two clocks of a machine drift by far less between two looks; more is a sleep or a step. */
const STEP_MS = 1_000;

/**
 * Whether this tab hears its server (SEMANTICS 4.4, 4.7; FD17). Silence makes it lost; so does a sleep, until a clock probe sent
 * afterwards was answered and, where a board is open, a packet came after that answer: what was queued meanwhile proves nothing.
 */
export class Liveness {
  readonly #tab: Tab;
  #heardAt: number | null = null;
  #wants: 'nothing' | 'probe' | 'packet' = 'nothing';
  #seen: { readonly mono: number; readonly wall: number };
  readonly #startedAt: number;

  constructor(tab: Tab) {
    this.#tab = tab;
    this.#startedAt = tab.monotonic();
    this.#seen = { mono: tab.monotonic(), wall: tab.wall() };
  }

  /** Compares the machine's clocks with the last look; true when it slept, froze or stepped since. */
  slept(): boolean {
    const now = { mono: this.#tab.monotonic(), wall: this.#tab.wall() };
    const monoMs = now.mono - this.#seen.mono;
    const wallMs = now.wall - this.#seen.wall;
    this.#seen = now;
    const slept = Math.abs(wallMs - monoMs) > STEP_MS || monoMs > FEED_SILENCE_MS;
    if (slept && this.#heardAt !== null) this.#wants = 'probe';
    return slept;
  }

  /** A packet of an open board came, or a probe was answered while none is open. */
  heard(): void {
    if (this.#wants === 'probe') return;
    this.#wants = 'nothing';
    this.#heardAt = this.#tab.monotonic();
  }

  probed(): void {
    if (this.#wants === 'probe') this.#wants = 'packet';
  }

  connection(): Connection {
    const since = this.#heardAt ?? this.#startedAt;
    const sinceMs = Math.max(0, Math.floor(this.#tab.monotonic() - since));
    const lost = this.#heardAt === null || this.#wants !== 'nothing' || sinceMs >= FEED_SILENCE_MS;
    return lost ? { kind: 'lost', sinceMs } : { kind: 'connected' };
  }

  /** The page has just opened and it is too early to call the server lost. */
  connecting(): boolean {
    return this.#heardAt === null && this.#tab.monotonic() - this.#startedAt < FEED_SILENCE_MS;
  }
}
