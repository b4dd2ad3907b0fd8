import type { DatabaseSync } from 'node:sqlite';
import type { Failpoint } from '#server/ports/failpoint.ts';
import type { CellRow, CheckpointWrite } from '#server/ports/checkpoint-store.ts';
import { inTransaction } from './open-sqlite.ts';

export const CHECKPOINT_MIGRATIONS: readonly string[] = [
  `CREATE TABLE task (name TEXT PRIMARY KEY, header TEXT NOT NULL) WITHOUT ROWID;
   -- Task, metric and version of a cell, written once: a million cells carry a small number instead.
   CREATE TABLE scope (
     id INTEGER PRIMARY KEY, task TEXT NOT NULL, metric TEXT NOT NULL, version TEXT NOT NULL,
     UNIQUE (task, metric, version)
   );
   CREATE TABLE cell (
     scope INTEGER NOT NULL, start INTEGER NOT NULL, dims TEXT NOT NULL, state TEXT NOT NULL,
     PRIMARY KEY (scope, start, dims)
   ) WITHOUT ROWID;`,
];

/** Where the next chunk of a task's cells begins: behind this key. */
export interface CellMark {
  readonly scope: number;
  readonly start: number;
  readonly dims: string;
}

export interface CellChunk {
  readonly cells: readonly CellRow[];
  /** Null when this was the last one. */
  readonly after: CellMark | null;
}

export type CheckpointOperations = ReturnType<typeof checkpointOperations>;

interface Scope {
  readonly id: number;
  readonly metric: string;
  readonly version: string;
}

/** @param passed called inside the transaction of a save, after some of its rows are written */
export function checkpointOperations(db: DatabaseSync, passed: Failpoint) {
  const taskNames = db.prepare('SELECT name FROM task ORDER BY name');
  const header = db.prepare('SELECT header FROM task WHERE name = ?');
  const putTask = db.prepare(
    'INSERT INTO task (name, header) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET header = excluded.header',
  );
  const dropTask = db.prepare('DELETE FROM task WHERE name = ?');
  const scopesOf = db.prepare('SELECT id, metric, version FROM scope WHERE task = ? ORDER BY id');
  const findScope = db.prepare(
    'SELECT id FROM scope WHERE task = ? AND metric = ? AND version = ?',
  );
  const addScope = db.prepare('INSERT INTO scope (task, metric, version) VALUES (?, ?, ?)');
  const dropScopes = db.prepare('DELETE FROM scope WHERE task = ?');
  const putCell = db.prepare(
    `INSERT INTO cell (scope, start, dims, state) VALUES (?, ?, ?, ?)
     ON CONFLICT (scope, start, dims) DO UPDATE SET state = excluded.state`,
  );
  const dropCell = db.prepare('DELETE FROM cell WHERE scope = ? AND start = ? AND dims = ?');
  const dropCells = db.prepare('DELETE FROM cell WHERE scope = ?');
  const firstCells = db.prepare(
    'SELECT start, dims, state FROM cell WHERE scope = ? ORDER BY start, dims LIMIT ?',
  );
  const nextCells = db.prepare(
    `SELECT start, dims, state FROM cell WHERE scope = ? AND (start, dims) > (?, ?)
     ORDER BY start, dims LIMIT ?`,
  );

  function scopeId(task: string, metric: string, version: string, create: boolean): number | null {
    const found = findScope.get(task, metric, version);
    if (found !== undefined) return Number(found['id']);
    return create ? Number(addScope.run(task, metric, version).lastInsertRowid) : null;
  }

  function removeTask(task: string): void {
    for (const row of scopesOf.all(task)) dropCells.run(Number(row['id']));
    dropScopes.run(task);
    dropTask.run(task);
  }

  function write(save: CheckpointWrite): void {
    if (save.header === null) {
      removeTask(save.task);
      return;
    }
    const ids = new Map<string, number | null>();
    const half = save.cells.length >> 1;
    save.cells.forEach((cell, index) => {
      if (index === half) passed('store/committing');
      const name = `${cell.metric}|${cell.version}`;
      let scope = ids.get(name) ?? null;
      if (scope === null) {
        scope = scopeId(save.task, cell.metric, cell.version, cell.state !== null);
        ids.set(name, scope);
      }
      if (scope === null) return; // nothing is there to delete
      if (cell.state === null) dropCell.run(scope, cell.start, cell.dims);
      else putCell.run(scope, cell.start, cell.dims, cell.state);
    });
    putTask.run(save.task, save.header);
    if (save.cells.length === 0) passed('store/committing');
  }

  function scopeChunk(scope: Scope, after: CellMark | null, limit: number): CellRow[] {
    const rows =
      after?.scope === scope.id
        ? nextCells.all(scope.id, after.start, after.dims, limit)
        : firstCells.all(scope.id, limit);
    return rows.map((row) => ({
      metric: scope.metric,
      version: scope.version,
      start: Number(row['start']),
      dims: String(row['dims']),
      state: String(row['state']),
    }));
  }

  return {
    tasks: (_: null): readonly string[] => taskNames.all().map((row) => String(row['name'])),

    header: (task: string): string | null => {
      const row = header.get(task);
      return row === undefined ? null : String(row['header']);
    },

    cells: (query: {
      readonly task: string;
      readonly after: CellMark | null;
      readonly limit: number;
    }): CellChunk => {
      const { task, after, limit } = query;
      const cells: CellRow[] = [];
      for (const row of scopesOf.all(task)) {
        const scope: Scope = {
          id: Number(row['id']),
          metric: String(row['metric']),
          version: String(row['version']),
        };
        if (after !== null && scope.id < after.scope) continue;
        cells.push(...scopeChunk(scope, after, limit - cells.length));
        const last = cells.at(-1);
        if (cells.length === limit && last !== undefined)
          return { cells, after: { scope: scope.id, start: last.start, dims: last.dims } };
      }
      return { cells, after: null };
    },

    save: (writes: readonly CheckpointWrite[]): null => {
      inTransaction(db, () => {
        writes.forEach(write);
      });
      return null;
    },
  };
}
