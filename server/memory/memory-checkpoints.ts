import { AppError } from '#lib/errors/app-error.ts';
import type {
  CellRow,
  CheckpointRead,
  CheckpointStore,
  CheckpointWrite,
} from '#server/ports/checkpoint-store.ts';

/** The port's limit for one chunk of a load. */
const LOAD_ROWS = 5_000;

interface StoredTask {
  readonly header: string;
  readonly cells: ReadonlyMap<string, CellRow>;
}

/** What a checkpoint file holds: it outlives whoever opened it. A save is one step of the event loop, so a crash finds it done or not begun. */
export class MemoryCheckpoints {
  #tasks: ReadonlyMap<string, StoredTask> = new Map();
  #isOpen = false;

  /** Rejects with `store/locked` while another one is open. */
  async open(): Promise<CheckpointStore> {
    if (this.#isOpen) throw new AppError('store/locked', 'The checkpoints in memory are in use.');
    this.#isOpen = true;
    let isClosed = false;
    const whileOpen = <T>(work: () => T): Promise<T> =>
      isClosed ? Promise.reject(failed('it is closed')) : Promise.resolve().then(work);
    return {
      tasks: () => whileOpen(() => [...this.#tasks.keys()]),
      load: (task) => whileOpen(() => this.#load(task)),
      save: (writes) => whileOpen(() => this.#save(writes)),
      close: async () => {
        if (!isClosed) this.#isOpen = false;
        isClosed = true;
      },
    };
  }

  #load(task: string): CheckpointRead | null {
    const stored = this.#tasks.get(task);
    return stored
      ? { task, header: stored.header, cells: chunks([...stored.cells.values()]) }
      : null;
  }

  #save(writes: readonly CheckpointWrite[]): void {
    const tasks = new Map(this.#tasks);
    for (const { task, header, cells } of writes) {
      if (header === null) {
        tasks.delete(task);
        continue;
      }
      const rows = new Map(tasks.get(task)?.cells);
      for (const row of cells) {
        const key = JSON.stringify([row.metric, row.version, row.start, row.dims]);
        if (row.state === null) rows.delete(key);
        else if (typeof row.state === 'string') rows.set(key, { ...row });
        else throw failed('a state is no text');
      }
      tasks.set(task, { header, cells: rows });
    }
    this.#tasks = tasks;
  }
}

async function* chunks(rows: readonly CellRow[]): AsyncGenerator<readonly CellRow[]> {
  for (let i = 0; i < rows.length; i += LOAD_ROWS) yield rows.slice(i, i + LOAD_ROWS);
}

const failed = (why: string) =>
  new AppError('store/failed', `The checkpoints in memory could not be used: ${why}.`);
