import type { Definition } from '#lib/definitions/schema.ts';
import type { MetricPlan } from '#lib/contracts/plan.ts';

/** One object as the store keeps it: what was written, who manages it, and for metrics which version it resolves to. */
export interface StoredDefinition {
  readonly kind: Definition['kind'];
  readonly name: string;
  /** Parsed definition, JSON text of the *source* form (durations as people wrote them). */
  readonly source: string;
  /** Apply set, or null for objects made in the UI. */
  readonly set: string | null;
  /** Counts changes of this object, from 1. */
  readonly revision: number;
  readonly changedAt: number;
  /** Metrics only: the plan of the current version, and whether the definitions topic has acknowledged it. */
  readonly plan: MetricPlan | null;
  readonly planPublished: boolean;
}

/** A value as history keeps it: one row per (metric, version, dims, window start, known minute); a later offset replaces an earlier one. */
export interface HistoryRow {
  readonly metric: string;
  readonly version: string;
  readonly dims: string;
  readonly start: number;
  readonly end: number;
  /** Minute at which it was known, epoch ms, cluster clock. */
  readonly knownAt: number;
  /** Offset in the values partition. */
  readonly offset: number;
  readonly withdrawn: boolean;
  /** The whole metric record, JSON text. */
  readonly record: string;
}

export interface HubPosition {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string | null;
  readonly next: number;
  /** Claims in force: JSON text. */
  readonly claims: string;
}

export interface NewestStart {
  readonly metric: string;
  readonly version: string;
  /** Event time, epoch ms. */
  readonly start: number;
}

/** The hub's own store. One process at a time: opening it twice rejects with `store/locked`. */
export interface HubStore {
  definitions(): Promise<readonly StoredDefinition[]>;
  /** All changes in one transaction; immutable versions of metrics are kept beside the current one. */
  changeDefinitions(
    put: readonly StoredDefinition[],
    remove: readonly { kind: string; name: string }[],
  ): Promise<void>;
  markPlanPublished(metric: string, version: string): Promise<void>;
  /** Highest version number a metric ever had; 0 for none. */
  highestVersion(metric: string): Promise<number>;

  positions(): Promise<readonly HubPosition[]>;
  /** Rows and positions in one transaction: offsets live with the state (SR23). */
  record(rows: readonly HistoryRow[], positions: readonly HubPosition[]): Promise<void>;
  /** Forgets the positions in a topic whose identity changed, and all values: the store keeps those of one values topic. */
  forgetValues(topic: string): Promise<void>;
  /** The newest known row of every key with start ≥ `since`, ascending by offset. */
  latest(since: number): Promise<readonly HistoryRow[]>;
  /** Start of the newest window of every metric version that has rows, any order. */
  newestStarts(): Promise<readonly NewestStart[]>;
  /** The newest known row (largest offset; withdrawn ones included) of each window of a metric version with from ≤ start < to, ascending by start; at most `limit`. */
  values(query: {
    readonly metric: string;
    readonly version: string;
    readonly from: number;
    readonly to: number;
    readonly limit: number;
  }): Promise<readonly HistoryRow[]>;
  /** Deletes what was known before the instant (`knownAt`); what is newer can be saved meanwhile. */
  expire(before: number): Promise<void>;
  close(): Promise<void>;
}
