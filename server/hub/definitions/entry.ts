import { definitionSchema, type Definition } from '#lib/definitions/schema.ts';
import type { StoredDefinition } from '#server/ports/hub-store.ts';

/** A stored row and the definition it holds. */
export interface Entry {
  readonly row: StoredDefinition;
  /** Null for a metric that was removed and whose tombstone is not acknowledged yet, and for a row this build cannot read. */
  readonly definition: Definition | null;
}

/** Source of a removed metric: the row stays until the definitions topic has taken the tombstone (DF14). */
const REMOVED = 'null';

export const keyOf = (kind: string, name: string): string => `${kind}/${name}`;

export const isRemoved = ({ row }: Entry): boolean => row.source === REMOVED;

export const removedRow = (row: StoredDefinition, now: number): StoredDefinition => ({
  ...row,
  source: REMOVED,
  revision: row.revision + 1,
  changedAt: now,
  plan: null,
  planPublished: false,
});

/** Rows are written from checked definitions, so only another build's rows can be unreadable. */
export function entryOf(row: StoredDefinition): Entry {
  const result = definitionSchema.safeParse(sourceOf(row));
  return { row, definition: result.success ? result.data : null };
}

/** What people wrote, or null. */
export function sourceOf(row: StoredDefinition): unknown {
  try {
    return JSON.parse(row.source) as unknown;
  } catch {
    return null;
  }
}
