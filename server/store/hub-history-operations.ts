import type { DatabaseSync } from 'node:sqlite';
import type { HistoryRow, HubPosition, NewestStart } from '#server/ports/hub-store.ts';
import { inTransaction } from './open-sqlite.ts';

export interface HistoryMark {
  readonly series: number;
  readonly start: number;
}
export interface HistoryChunk {
  readonly rows: readonly HistoryRow[];
  /** Null when this was the last one. */
  readonly after: HistoryMark | null;
}

type Row = Readonly<Record<string, unknown>>;
const toRow = (row: Row): HistoryRow => ({
  metric: String(row['metric']),
  version: String(row['version']),
  dims: String(row['dims']),
  start: Number(row['start']),
  end: Number(row['end']),
  knownAt: Number(row['known_at']),
  offset: Number(row['offset']),
  withdrawn: row['withdrawn'] === 1,
  record: String(row['record']),
});

/** Besides max() SQLite takes bare columns from the row that has the maximum (https://sqlite.org/lang_select.html#bareagg). */
const NEWEST_KNOWN = `s.metric, s.version, s.dims, h.start, h.end, h.known_at,
  max(h.offset) AS offset, h.withdrawn, h.record`;

/** Values as they were known, and how far the topics are read, in the hub's store. */
export function hubHistoryOperations(db: DatabaseSync) {
  const positions = db.prepare('SELECT * FROM position ORDER BY topic, partition');
  const putPosition = db.prepare(
    `INSERT INTO position (topic, partition, topic_id, next, claims) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (topic, partition) DO UPDATE SET topic_id = excluded.topic_id, next = excluded.next, claims = excluded.claims`,
  );
  const dropPositions = db.prepare('DELETE FROM position WHERE topic = ?');
  const findSeries = db.prepare(
    'SELECT id FROM series WHERE metric = ? AND version = ? AND dims = ?',
  );
  const addSeries = db.prepare('INSERT INTO series (metric, version, dims) VALUES (?, ?, ?)');
  const putRow = db.prepare(
    `INSERT INTO history (series, start, known_at, end, offset, withdrawn, record) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (series, start, known_at) DO UPDATE SET end = excluded.end, offset = excluded.offset,
       withdrawn = excluded.withdrawn, record = excluded.record
     WHERE excluded.offset >= history.offset`,
  );
  const latest = db.prepare(
    `SELECT s.id AS series, ${NEWEST_KNOWN} FROM series s JOIN history h ON h.series = s.id
     WHERE s.id >= ? AND h.start >= ? AND (s.id > ? OR h.start > ?)
     GROUP BY s.id, h.start ORDER BY s.id, h.start LIMIT ?`,
  );
  const values = db.prepare(
    `SELECT ${NEWEST_KNOWN} FROM series s JOIN history h ON h.series = s.id
     WHERE s.metric = ? AND s.version = ? AND h.start >= ? AND h.start < ?
     GROUP BY s.id, h.start ORDER BY h.start, s.dims LIMIT ?`,
  );
  const newestStarts = db.prepare(
    `SELECT metric, version, max((SELECT max(start) FROM history WHERE series = s.id)) AS start
     FROM series s GROUP BY metric, version HAVING start IS NOT NULL`,
  );
  const expireSome = db.prepare(
    `DELETE FROM history WHERE (series, start, known_at) IN
       (SELECT series, start, known_at FROM history WHERE known_at < ? LIMIT ?)`,
  );
  const dropEmptySeries = db.prepare(
    'DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM history WHERE series = series.id)',
  );

  function seriesId({ metric, version, dims }: HistoryRow): number {
    const found = findSeries.get(metric, version, dims);
    return Number(found?.['id'] ?? addSeries.run(metric, version, dims).lastInsertRowid);
  }

  return {
    positions: (_: null): readonly HubPosition[] =>
      positions.all().map((row) => ({
        topic: String(row['topic']),
        partition: Number(row['partition']),
        topicId: row['topic_id'] === null ? null : String(row['topic_id']),
        next: Number(row['next']),
        claims: String(row['claims']),
      })),

    record: (save: {
      readonly rows: readonly HistoryRow[];
      readonly positions: readonly HubPosition[];
    }): null => {
      inTransaction(db, () => {
        for (const row of save.rows) {
          const { start, knownAt, end, offset, record } = row;
          putRow.run(seriesId(row), start, knownAt, end, offset, row.withdrawn ? 1 : 0, record);
        }
        for (const { topic, partition, topicId, next, claims } of save.positions)
          putPosition.run(topic, partition, topicId, next, claims);
      });
      return null;
    },

    forgetValues: (topic: string): null => {
      inTransaction(db, () => {
        dropPositions.run(topic);
        db.exec('DELETE FROM history; DELETE FROM series');
      });
      return null;
    },

    latest: (query: {
      readonly since: number;
      readonly after: HistoryMark | null;
      readonly limit: number;
    }): HistoryChunk => {
      const { series, start } = query.after ?? { series: 0, start: -1 };
      const found = latest.all(series, query.since, series, start, query.limit);
      const last = found.length === query.limit ? found.at(-1) : undefined;
      return {
        rows: found.map(toRow),
        after:
          last === undefined
            ? null
            : { series: Number(last['series']), start: Number(last['start']) },
      };
    },

    values: (query: {
      readonly metric: string;
      readonly version: string;
      readonly from: number;
      readonly to: number;
      readonly limit: number;
    }): readonly HistoryRow[] =>
      values.all(query.metric, query.version, query.from, query.to, query.limit).map(toRow),

    newestStarts: (_: null): readonly NewestStart[] =>
      newestStarts.all().map((row) => ({
        metric: String(row['metric']),
        version: String(row['version']),
        start: Number(row['start']),
      })),

    /** Deletes at most `limit` rows, so that saves get their turn between two; answers how many it deleted. */
    expire: (query: { readonly before: number; readonly limit: number }): number => {
      return inTransaction(db, () => {
        const deleted = Number(expireSome.run(query.before, query.limit).changes);
        if (deleted < query.limit) dropEmptySeries.run();
        return deleted;
      });
    },
  };
}
