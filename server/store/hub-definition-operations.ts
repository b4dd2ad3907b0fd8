import type { DatabaseSync } from 'node:sqlite';
import type { MetricPlan } from '#lib/contracts/plan.ts';
import type { StoredDefinition } from '#server/ports/hub-store.ts';
import { inTransaction } from './open-sqlite.ts';

export interface DefinitionChangeRequest {
  readonly put: readonly StoredDefinition[];
  readonly remove: readonly { readonly kind: string; readonly name: string }[];
}

/** A version is `<number>-<hash>` (lib/contracts/plan.ts). */
const versionNumber = (version: string): number => Number.parseInt(version, 10) || 0;

/** Definitions and the immutable versions of metrics in the hub's store. */
export function hubDefinitionOperations(db: DatabaseSync) {
  const all = db.prepare('SELECT * FROM definition ORDER BY kind, name');
  const put = db.prepare(
    `INSERT INTO definition (kind, name, source, managed_by, revision, changed_at, plan, plan_published)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, name) DO UPDATE SET source = excluded.source, managed_by = excluded.managed_by,
       revision = excluded.revision, changed_at = excluded.changed_at, plan = excluded.plan,
       plan_published = excluded.plan_published`,
  );
  const keepVersion = db.prepare(
    `INSERT INTO metric_version (metric, version, number, plan, source, since) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (metric, version) DO NOTHING`,
  );
  const remove = db.prepare('DELETE FROM definition WHERE kind = ? AND name = ?');
  const published = db.prepare(
    `UPDATE definition SET plan_published = 1
     WHERE kind = 'Metric' AND name = ? AND json_extract(plan, '$.version') = ?`,
  );
  const highest = db.prepare(
    'SELECT coalesce(max(number), 0) AS highest FROM metric_version WHERE metric = ?',
  );

  return {
    definitions: (_: null): readonly StoredDefinition[] =>
      all.all().map((row) => ({
        // Written by `changeDefinitions` below, from the same type.
        kind: String(row['kind']) as StoredDefinition['kind'],
        name: String(row['name']),
        source: String(row['source']),
        set: row['managed_by'] === null ? null : String(row['managed_by']),
        revision: Number(row['revision']),
        changedAt: Number(row['changed_at']),
        plan: row['plan'] === null ? null : (JSON.parse(String(row['plan'])) as MetricPlan),
        planPublished: row['plan_published'] === 1,
      })),

    changeDefinitions: (change: DefinitionChangeRequest): null => {
      inTransaction(db, () => {
        for (const { kind, name } of change.remove) remove.run(kind, name);
        for (const each of change.put) {
          const plan = each.plan === null ? null : JSON.stringify(each.plan);
          put.run(
            each.kind,
            each.name,
            each.source,
            each.set,
            each.revision,
            each.changedAt,
            plan,
            each.planPublished ? 1 : 0,
          );
          if (each.plan === null) continue;
          const { version } = each.plan;
          keepVersion.run(
            each.name,
            version,
            versionNumber(version),
            plan,
            each.source,
            each.changedAt,
          );
        }
      });
      return null;
    },

    markPlanPublished: (plan: { readonly metric: string; readonly version: string }): null => {
      published.run(plan.metric, plan.version);
      return null;
    },

    highestVersion: (metric: string): number => Number(highest.get(metric)?.['highest'] ?? 0),
  };
}
