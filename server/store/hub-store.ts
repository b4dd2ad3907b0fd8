import type {
  HistoryRow,
  HubPosition,
  HubStore,
  NewestStart,
  StoredDefinition,
} from '#server/ports/hub-store.ts';
import type { HistoryChunk, HistoryMark } from './hub-history-operations.ts';
import type { HubOperations } from './hub-operations.ts';
import { StoreThread } from './store-thread.ts';

/** Rows per message while loading: some MB, copied in a few tens of milliseconds. */
const LOAD_ROWS = 5_000;
/** Rows deleted per transaction while expiring: under 50 ms, so that saves get their turn. */
const EXPIRE_ROWS = 5_000;

export interface HubStoreOptions {
  /** Path of the file; it and its folder are made when absent. `:memory:` keeps nothing. */
  readonly file: string;
}

/** Rejects with `store/locked` when another process (or another opener in this one) has the file, `store/newer`, or `store/failed`. */
export async function openHubStore(options: HubStoreOptions): Promise<HubStore> {
  const thread = await StoreThread.open<HubOperations>(
    new URL('./hub-thread.ts', import.meta.url),
    { file: options.file, settings: null },
  );
  return new SqliteHubStore(thread);
}

class SqliteHubStore implements HubStore {
  readonly #thread: StoreThread<HubOperations>;

  constructor(thread: StoreThread<HubOperations>) {
    this.#thread = thread;
  }

  definitions(): Promise<readonly StoredDefinition[]> {
    return this.#thread.call('definitions', null);
  }

  async changeDefinitions(
    put: readonly StoredDefinition[],
    remove: readonly { kind: string; name: string }[],
  ): Promise<void> {
    await this.#thread.call('changeDefinitions', { put, remove });
  }

  async markPlanPublished(metric: string, version: string): Promise<void> {
    await this.#thread.call('markPlanPublished', { metric, version });
  }

  highestVersion(metric: string): Promise<number> {
    return this.#thread.call('highestVersion', metric);
  }

  positions(): Promise<readonly HubPosition[]> {
    return this.#thread.call('positions', null);
  }

  async record(rows: readonly HistoryRow[], positions: readonly HubPosition[]): Promise<void> {
    await this.#thread.call('record', { rows, positions });
  }

  async forgetValues(topic: string): Promise<void> {
    await this.#thread.call('forgetValues', topic);
  }

  async latest(since: number): Promise<readonly HistoryRow[]> {
    const rows: HistoryRow[] = [];
    let after: HistoryMark | null = null;
    do {
      const chunk: HistoryChunk = await this.#thread.call('latest', {
        since,
        after,
        limit: LOAD_ROWS,
      });
      for (const row of chunk.rows) rows.push(row);
      after = chunk.after;
    } while (after !== null);
    return rows.sort((a, b) => a.offset - b.offset);
  }

  values(query: {
    readonly metric: string;
    readonly version: string;
    readonly from: number;
    readonly to: number;
    readonly limit: number;
  }): Promise<readonly HistoryRow[]> {
    return this.#thread.call('values', query);
  }

  newestStarts(): Promise<readonly NewestStart[]> {
    return this.#thread.call('newestStarts', null);
  }

  async expire(before: number): Promise<void> {
    let deleted: number;
    do deleted = await this.#thread.call('expire', { before, limit: EXPIRE_ROWS });
    while (deleted === EXPIRE_ROWS);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
