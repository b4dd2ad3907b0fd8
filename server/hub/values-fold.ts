import { z } from 'zod';
import type { Point } from '#lib/contracts/feed.ts';
import { metricValueSchema, type MetricValue } from '#lib/contracts/metric-record.ts';
import type { HistoryRow } from '#server/ports/hub-store.ts';
import { LatestValues } from './latest-values.ts';
import { parseJson } from '#server/records/record-text.ts';
import { readValueRecord, type ValueRecord } from './value-record.ts';

const MINUTE_MS = 60_000;

/** A record of the values topic as it lies in the log. */
export interface LoggedRecord {
  readonly partition: number;
  readonly offset: number;
  /** Record timestamp: the cluster's clock, because the topic stamps at append. */
  readonly appendedAt: number;
  readonly key: string | null;
  readonly text: string | null;
}

/** Who may write a metric version: the last claim in the log (SEMANTICS 3.1). */
export interface ClaimInForce {
  readonly generation: number;
  readonly instance: string;
}

/** What applying one record did. */
export type Applied =
  /** `point` is null when its window is older than what is held in memory. */
  | { readonly kind: 'value'; readonly row: HistoryRow; readonly point: Point | null }
  | { readonly kind: 'claimed' }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Metric and version as one key; an external writer may give no version. */
export const idOf = (metric: string, version: string | undefined): string =>
  `${metric}|${version ?? ''}`;

const claimsSchema = z.array(
  z.tuple([z.string(), z.object({ generation: z.number().int(), instance: z.string() })]),
);

interface PartitionState {
  next: number;
  readonly claims: Map<string, ClaimInForce>;
}

/**
 * The values topic folded into the newest value of every key (SEMANTICS 3.1, HB1 to HB4). Pure: the same records give the same state,
 * whatever the answers they came in.
 */
export class ValuesFold {
  readonly #partitions = new Map<number, PartitionState>();
  readonly #latest = new Map<string, LatestValues>();

  /** Offset before which everything of the partition is applied; null while it is not read. */
  next(partition: number): number | null {
    return this.#partitions.get(partition)?.next ?? null;
  }

  claim(partition: number, metric: string, version: string): ClaimInForce | null {
    return this.#partitions.get(partition)?.claims.get(idOf(metric, version)) ?? null;
  }

  partitions(): readonly number[] {
    return [...this.#partitions.keys()];
  }

  /** Claims in force of a partition as JSON text, for the store. */
  claimsText(partition: number): string {
    return JSON.stringify([...(this.#partitions.get(partition)?.claims ?? [])]);
  }

  /** Begins to follow a partition, from its log's start or where the store left it. */
  follow(partition: number, next: number, claimsText = '[]'): void {
    const claims = new Map(claimsSchema.parse(JSON.parse(claimsText)));
    this.#partitions.set(partition, { next, claims });
  }

  /** Everything below `next` is applied; it also passes what carries no record (control batches, compacted gaps). */
  reach(partition: number, next: number): void {
    const state = this.#partitions.get(partition);
    if (state !== undefined && next > state.next) state.next = next;
  }

  /** Forgets all: the topic was replaced, or a part of it was deleted unread (SEMANTICS 3.6). */
  clear(): void {
    this.#partitions.clear();
    this.#latest.clear();
  }

  /** @param now cluster clock: how far back memory reaches */
  apply(logged: LoggedRecord, now: number): Applied {
    const { partition, offset } = logged;
    const state = this.#partitions.get(partition);
    if (state === undefined || offset < state.next) return { kind: 'nothing' };
    state.next = offset + 1;
    const record = readValueRecord(logged.key, logged.text);
    if (record.kind === 'invalid' || record.kind === 'nothing') return record;
    if (record.kind === 'claim') {
      const { metric, version, generation, instance } = record.claim;
      state.claims.set(idOf(metric, version), { generation, instance });
      return { kind: 'claimed' };
    }
    if (record.kind === 'value' && isFenced(record.value, state.claims)) return { kind: 'fenced' };
    return this.#keep(logged, record, now);
  }

  /** Takes a row the store has kept: it was judged when it was first read. */
  restore(row: HistoryRow, now: number): void {
    const value = metricValueSchema.safeParse(parseJson(row.record));
    if (!value.success) return;
    this.#latestOf(row.metric, row.version).apply(pointOf(value.data, row.dims), now);
  }

  /** Points of windows that end after `since`, event time. */
  points(metric: string, version: string, since: number): Point[] {
    return this.#latest.get(idOf(metric, version))?.since(since) ?? [];
  }

  /** Lets go of metric versions nobody needs. */
  retain(isNeeded: (id: string, touchedAt: number) => boolean): void {
    for (const [id, { touchedAt }] of this.#latest)
      if (!isNeeded(id, touchedAt)) this.#latest.delete(id);
  }

  #keep(
    logged: LoggedRecord,
    record: Extract<ValueRecord, { kind: 'value' | 'tombstone' }>,
    now: number,
  ): Applied {
    // A freed key counts as withdrawn: per key the last record in the log wins, for hubs and for compaction alike.
    const value = record.kind === 'value' ? record.value : this.#withdrawalOf(record);
    if (value === null) return { kind: 'nothing' };
    const { metric, version = '', window, withdrawn = false } = value;
    const { dims } = record;
    const latest = this.#latestOf(metric, version);
    latest.touchedAt = now;
    const point = pointOf(value, dims);
    const row: HistoryRow = {
      metric,
      version,
      dims,
      start: window.start,
      end: window.end,
      knownAt: Math.floor(logged.appendedAt / MINUTE_MS) * MINUTE_MS,
      offset: logged.offset,
      withdrawn,
      record: record.kind === 'value' && logged.text !== null ? logged.text : JSON.stringify(value),
    };
    return { kind: 'value', row, point: latest.apply(point, now) ? point : null };
  }

  #withdrawalOf({
    metric,
    version,
    start,
    dims,
  }: Extract<ValueRecord, { kind: 'tombstone' }>): MetricValue | null {
    const end = this.#latest.get(idOf(metric, version))?.endOf(start, dims) ?? start;
    const parsed = metricValueSchema.safeParse({
      metric,
      version,
      dims: parseJson(dims),
      window: { start, end },
      value: null,
      withdrawn: true,
    });
    return parsed.success ? parsed.data : null;
  }

  #latestOf(metric: string, version: string): LatestValues {
    const id = idOf(metric, version);
    let latest = this.#latest.get(id);
    if (latest === undefined) this.#latest.set(id, (latest = new LatestValues()));
    return latest;
  }
}

/** Before any claim of a metric version everything is accepted; after one, only its own (generation, instance). */
function isFenced(value: MetricValue, claims: ReadonlyMap<string, ClaimInForce>): boolean {
  const claim = claims.get(idOf(value.metric, value.version));
  if (claim === undefined) return false;
  return value.generation !== claim.generation || value.instance !== claim.instance;
}

function pointOf(value: MetricValue, dims: string): Point {
  return {
    dims,
    start: value.window.start,
    end: value.window.end,
    value: value.value,
    reason: value.reason ?? null,
    withdrawn: value.withdrawn ?? false,
    partial: value.partial ?? false,
    late: value.counts?.late ?? 0,
    eventAt: value.hops?.eventAt ?? null,
    appendedAt: value.hops?.appendedAt ?? null,
    emittedAt: value.hops?.emittedAt ?? null,
  };
}
