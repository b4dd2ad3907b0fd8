import type {
  CellRow,
  CheckpointRead,
  CheckpointStore,
  CheckpointWrite,
} from '#server/ports/checkpoint-store.ts';
import type { CellMark, CheckpointOperations } from './checkpoint-operations.ts';
import { StoreThread } from './store-thread.ts';

/** Rows per message while loading: 5 000 are copied in a few milliseconds and leave the thread free between two. */
const LOAD_ROWS = 5_000;

export interface CheckpointThreadSettings {
  readonly failAtCommit: number | null;
}

export interface CheckpointStoreOptions {
  /** Path of the file; it and its folder are made when absent. `:memory:` keeps nothing. */
  readonly file: string;
  /** The process kills itself inside this commit, counted from 1 (failpoint `store/committing`); null or absent: never. */
  readonly failAtCommit?: number | null;
}

/** Rejects with `store/locked` when another process (or another opener in this one) has the file, `store/newer`, or `store/failed`. */
export async function openCheckpointStore(
  options: CheckpointStoreOptions,
): Promise<CheckpointStore> {
  const settings: CheckpointThreadSettings = { failAtCommit: options.failAtCommit ?? null };
  const thread = await StoreThread.open<CheckpointOperations>(
    new URL('./checkpoint-thread.ts', import.meta.url),
    { file: options.file, settings },
  );
  return new SqliteCheckpointStore(thread);
}

class SqliteCheckpointStore implements CheckpointStore {
  readonly #thread: StoreThread<CheckpointOperations>;

  constructor(thread: StoreThread<CheckpointOperations>) {
    this.#thread = thread;
  }

  tasks(): Promise<readonly string[]> {
    return this.#thread.call('tasks', null);
  }

  async load(task: string): Promise<CheckpointRead | null> {
    const header = await this.#thread.call('header', task);
    return header === null ? null : { task, header, cells: this.#cells(task) };
  }

  async save(writes: readonly CheckpointWrite[]): Promise<void> {
    await this.#thread.call('save', writes);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  async *#cells(task: string): AsyncGenerator<readonly CellRow[]> {
    let after: CellMark | null = null;
    do {
      const chunk: Awaited<ReturnType<CheckpointOperations['cells']>> = await this.#thread.call(
        'cells',
        { task, after, limit: LOAD_ROWS },
      );
      if (chunk.cells.length > 0) yield chunk.cells;
      after = chunk.after;
    } while (after !== null);
  }
}
