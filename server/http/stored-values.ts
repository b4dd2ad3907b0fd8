import type { z } from 'zod';
import {
  canonicalDims,
  dimsSchema,
  metricValueSchema,
  type Dims,
} from '#lib/contracts/metric-record.ts';
import type { Point } from '#lib/contracts/feed.ts';
import type { storedValueSchema } from '#lib/contracts/rest.ts';
import type { HistoryRow, HubStore } from '#server/ports/hub-store.ts';

export type StoredValue = z.infer<typeof storedValueSchema>;

/** Rows asked of the store at a time. */
const PAGE = 2_000;

export interface ValuesQuery {
  readonly metric: string;
  readonly version: string;
  /** from ≤ window start < to, event time. */
  readonly from: number;
  readonly to: number;
  /** Dimension to the text of its value; all must match. */
  readonly where: ReadonlyMap<string, string>;
  readonly limit: number;
}

export interface ValuesRead {
  /** Ascending by window, then by dimensions. */
  readonly values: readonly StoredValue[];
  /** There are more than `limit`; the oldest were kept. */
  readonly truncated: boolean;
}

/**
 * The newest known value of each window, from history, corrected by `newest`: points the hub already speaks for and has perhaps not stored yet. So the
 * values are never older than the facts that go with them (HT7). Such a point carries no inputs and no parts, and says so with null.
 */
export async function readValues(
  store: Pick<HubStore, 'values'>,
  query: ValuesQuery,
  newest: readonly Point[],
): Promise<ValuesRead> {
  const found = new Map<string, Known>();
  for (const point of newest) {
    if (point.start < query.from || point.start >= query.to) continue;
    const dims = dimsSchema.parse(JSON.parse(point.dims));
    if (!matches(dims, query.where)) continue;
    found.set(keyOf(point.start, point.dims), {
      emittedAt: point.emittedAt ?? 0,
      value: fromPoint(point, dims),
    });
  }
  for await (const rows of pages(store, query)) {
    for (const row of rows) {
      const known = fromRow(row);
      if (known === null || !matches(known.value.dims, query.where)) continue;
      const key = keyOf(row.start, canonicalDims(known.value.dims));
      const held = found.get(key);
      if (row.withdrawn) {
        if (held !== undefined && held.emittedAt <= known.emittedAt) found.delete(key);
      } else if (held === undefined || held.emittedAt <= known.emittedAt) found.set(key, known);
    }
    // What lies before the last window of a page is complete; past the limit nothing more is needed.
    const complete = rows.at(-1)?.start ?? query.from;
    const settled = [...found.values()].filter(({ value }) => value.window.start < complete);
    if (settled.length > query.limit) break;
  }
  const values = [...found.entries()]
    .sort(([a, one], [b, two]) => startOf(one) - startOf(two) || compare(a, b))
    .map(([, { value }]) => value);
  return { values: values.slice(0, query.limit), truncated: values.length > query.limit };
}

interface Known {
  /** Cluster clock; decides which of two is newer, because a computer's values of one key leave in order. */
  readonly emittedAt: number;
  readonly value: StoredValue;
}

const keyOf = (start: number, dims: string): string => `${start}|${dims}`;
const startOf = ({ value }: Known): number => value.window.start;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function matches(dims: Dims, where: ReadonlyMap<string, string>): boolean {
  for (const [dim, text] of where) if (String(dims[dim] ?? null) !== text) return false;
  return true;
}

/** The rows of the span, ascending. A page is asked again from its last window on, for that may go on in the next. */
async function* pages(
  store: Pick<HubStore, 'values'>,
  { metric, version, from, to }: ValuesQuery,
): AsyncGenerator<readonly HistoryRow[]> {
  let start = from;
  let limit = PAGE;
  for (;;) {
    const rows = await store.values({ metric, version, from: start, to, limit });
    yield rows;
    if (rows.length < limit) return;
    const last = rows.at(-1)?.start ?? start;
    if (last === start) limit *= 2; // one window has more series than a page has rows
    start = last;
  }
}

function fromRow(row: HistoryRow): Known | null {
  // The hub stores what it has parsed; a row of an older build that no longer parses is left out rather than guessed.
  const parsed = metricValueSchema.safeParse(JSON.parse(row.record));
  if (!parsed.success) return null;
  const { data } = parsed;
  return {
    emittedAt: data.hops?.emittedAt ?? 0,
    value: {
      dims: data.dims,
      window: data.window,
      value: data.value,
      reason: data.reason ?? null,
      parts: data.parts ?? null,
      partial: data.partial ?? false,
      late: data.counts?.late ?? 0,
      inputs: data.inputs ?? null,
    },
  };
}

const fromPoint = (point: Point, dims: Dims): StoredValue => ({
  dims,
  window: { start: point.start, end: point.end },
  value: point.value,
  reason: point.reason,
  parts: null,
  partial: point.partial,
  late: point.late,
  inputs: null,
});
