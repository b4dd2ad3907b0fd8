import { AppError } from '#lib/errors/app-error.ts';
import { pause } from '#server/lifecycle/pause.ts';
import type { HistoryRow, HubPosition, HubStore } from '#server/ports/hub-store.ts';
import type { Logger } from '#server/ports/logger.ts';

/** A save at most this often: a commit costs a millisecond or two, and a crash reads again what it did not hold. */
const SAVE_EVERY_MS = 200;
/** After a failed save, ms. */
const RETRY_MS = 1_000;
/** Rows that may wait for the store; past it the hub reads no further (nothing queues without bound). */
const ROOM_ROWS = 20_000;

const keyOf = (row: HistoryRow): string =>
  `${row.metric}|${row.version}|${row.start}|${row.knownAt}|${row.dims}`;

/**
 * Hands values to the store in batches, with the positions they were read up to in the same transaction (HB20, HB21). One save is in
 * flight at most; meanwhile the newest row of a key replaces the one that waits.
 */
export class HistoryWriter {
  readonly #store: HubStore;
  readonly #logger: Logger;
  /** Positions as of everything added so far. */
  readonly #positions: () => readonly HubPosition[];
  #waiting = new Map<string, HistoryRow>();
  #inFlight = 0;
  #isDirty = false;
  #saving: Promise<void> = Promise.resolve();
  #failure: string | null = null;
  #wake: () => void = () => {};
  #onRoom: () => void = () => {};

  constructor(parts: {
    readonly store: HubStore;
    readonly logger: Logger;
    readonly positions: () => readonly HubPosition[];
  }) {
    this.#store = parts.store;
    this.#logger = parts.logger;
    this.#positions = parts.positions;
  }

  /** Rows that are not committed yet. */
  get waitingRows(): number {
    return this.#waiting.size + this.#inFlight;
  }

  /** Why the hub cannot read on, as a sentence: the store takes nothing and there is no more room. Null else. */
  get problem(): string | null {
    return this.waitingRows > ROOM_ROWS ? this.#failure : null;
  }

  add(row: HistoryRow): void {
    this.#waiting.set(keyOf(row), row);
    this.moved();
  }

  /** Positions or claims moved; they are saved with the next batch. */
  moved(): void {
    this.#isDirty = true;
    this.#wake();
  }

  /** Resolves when there is room for another answer, or when `signal` aborts. */
  async room(signal: AbortSignal): Promise<void> {
    const look = (): void => this.#onRoom();
    signal.addEventListener('abort', look);
    while (this.waitingRows > ROOM_ROWS && !signal.aborted)
      await new Promise<void>((resolve) => (this.#onRoom = resolve));
    signal.removeEventListener('abort', look);
  }

  /** Saves until `signal` aborts, and then once more what is left. Never rejects: a store that fails is tried again and said. */
  async run(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        if (!this.#isDirty) await new Promise<void>((resolve) => (this.#wake = resolve));
        if (signal.aborted) break;
        const isSaved = await this.#save();
        await pause(isSaved ? SAVE_EVERY_MS : RETRY_MS, signal);
      }
      if (this.#isDirty) await this.#save();
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** Drops what waits and has the store forget all values of the topic. Rejects when the store does not. */
  async forget(topic: string): Promise<void> {
    await this.#inTurn(async () => {
      this.#waiting.clear();
      this.#isDirty = false;
      await this.#store.forgetValues(topic);
    });
  }

  async #save(): Promise<boolean> {
    let isSaved = false;
    await this.#inTurn(async () => {
      const rows = this.#waiting;
      const positions = this.#positions();
      this.#waiting = new Map();
      this.#inFlight = rows.size;
      this.#isDirty = false;
      try {
        await this.#store.record([...rows.values()], positions);
        isSaved = true;
        if (this.#failure !== null) this.#logger.info('hub:history-saved');
        this.#failure = null;
      } catch (error) {
        this.#fail(rows, error);
      } finally {
        this.#inFlight = 0;
        this.#onRoom();
      }
    });
    return isSaved;
  }

  #fail(rows: ReadonlyMap<string, HistoryRow>, error: unknown): void {
    // What came meanwhile is newer.
    this.#waiting = new Map([...rows, ...this.#waiting]);
    this.#isDirty = true;
    const message = error instanceof AppError ? error.message : 'The store does not take values.';
    if (this.#failure === null) this.#logger.error('hub:history-failed', { message, error });
    this.#failure = message;
  }

  /** One at a time, in order: a forgotten topic must not come back with a save that was under way. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#saving.then(work);
    this.#saving = turn.catch(() => {}); // whoever asked hears of it
    return turn;
  }
}
