import type { DatabaseSync } from 'node:sqlite';
import { hubDefinitionOperations } from './hub-definition-operations.ts';
import { hubHistoryOperations } from './hub-history-operations.ts';

export const HUB_MIGRATIONS: readonly string[] = [
  `CREATE TABLE definition (
     kind TEXT NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL, managed_by TEXT, revision INTEGER NOT NULL,
     changed_at INTEGER NOT NULL, plan TEXT, plan_published INTEGER NOT NULL, PRIMARY KEY (kind, name)
   ) WITHOUT ROWID;
   -- Every version a metric ever had: they are immutable, and a removed metric that comes back does not count from one again.
   CREATE TABLE metric_version (
     metric TEXT NOT NULL, version TEXT NOT NULL, number INTEGER NOT NULL, plan TEXT NOT NULL, source TEXT NOT NULL,
     since INTEGER NOT NULL, PRIMARY KEY (metric, version)
   ) WITHOUT ROWID;
   CREATE TABLE position (
     topic TEXT NOT NULL, partition INTEGER NOT NULL, topic_id TEXT, next INTEGER NOT NULL, claims TEXT NOT NULL,
     PRIMARY KEY (topic, partition)
   ) WITHOUT ROWID;
   CREATE TABLE series (
     id INTEGER PRIMARY KEY, metric TEXT NOT NULL, version TEXT NOT NULL, dims TEXT NOT NULL,
     UNIQUE (metric, version, dims)
   );
   CREATE TABLE history (
     series INTEGER NOT NULL, start INTEGER NOT NULL, known_at INTEGER NOT NULL, end INTEGER NOT NULL,
     offset INTEGER NOT NULL, withdrawn INTEGER NOT NULL, record TEXT NOT NULL,
     PRIMARY KEY (series, start, known_at)
   ) WITHOUT ROWID;
   CREATE INDEX history_known ON history (known_at);`,
];

export type HubOperations = ReturnType<typeof hubOperations>;

export function hubOperations(db: DatabaseSync) {
  return { ...hubDefinitionOperations(db), ...hubHistoryOperations(db) };
}
