import { z } from 'zod';
import { epochMsSchema } from '#lib/time/instant.ts';

/** Version of the progress contract. */
export const PROGRESS_CONTRACT = 1;

/** What compute knows of one input partition. Instants in the cluster's clock unless said otherwise. */
export const partitionProgressSchema = z.object({
  topic: z.string(),
  partition: z.number().int().nonnegative(),
  id: z.string().nullable(),
  /** First offset not yet applied and published. */
  next: z.number().int().nonnegative(),
  /** High watermark of the last answer; null before the first. */
  end: z.number().int().nonnegative().nullable(),
  /** Last stable offset of the last answer: below `end` while a transaction is open. */
  stable: z.number().int().nonnegative().nullable(),
  /** Send instant of the last answered request. */
  seenAt: epochMsSchema.nullable(),
  /** Everything appended before this instant is applied and published (SEMANTICS 4.1). */
  frontier: epochMsSchema.nullable(),
  /** Largest guarded event time (producer's clock). */
  eventClock: epochMsSchema.nullable(),
  /** SEMANTICS 2.4, event time. */
  closing: epochMsSchema.nullable(),
  /** Since when a request to this partition is out without an answer; null when it answers. */
  unansweredSince: epochMsSchema.nullable(),
  /** Since when an open transaction holds records back; null when none does. */
  blockedSince: epochMsSchema.nullable(),
  /** A sentence when this partition stopped (wrong CRC, deleted topic); else null. */
  problem: z.string().nullable(),
  recordsPerSecond: z.number().nonnegative(),
});
export type PartitionProgress = z.infer<typeof partitionProgressSchema>;

/** Quantiles of one hop over the last minute, in milliseconds; negative means clock skew. */
export const hopSummarySchema = z.object({
  count: z.number().int().nonnegative(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
});
export type HopSummary = z.infer<typeof hopSummarySchema>;

export const phaseSchema = z.discriminatedUnion('kind', [
  /** Reading its metric topic and its inputs up to what was already published (SEMANTICS 3.2). */
  z.object({ kind: z.literal('restoring') }),
  /** Working through a backlog; `remaining` and `total` are records, the estimate is labelled as such. */
  z.object({
    kind: z.literal('catching-up'),
    remaining: z.number().int().nonnegative(),
    total: z.number().int().nonnegative(),
    estimateMs: z.number().nonnegative().nullable(),
  }),
  z.object({ kind: z.literal('running') }),
]);
export type Phase = z.infer<typeof phaseSchema>;

/** Totals of a metric version since its inputs' `from`; in + filtered + invalid + late + duplicate + expired = read. */
export const metricCountsSchema = z.object({
  read: z.number().int().nonnegative(),
  in: z.number().int().nonnegative(),
  filtered: z.number().int().nonnegative(),
  invalid: z.number().int().nonnegative(),
  late: z.number().int().nonnegative(),
  duplicate: z.number().int().nonnegative(),
  expired: z.number().int().nonnegative(),
});
export type MetricCounts = z.infer<typeof metricCountsSchema>;

/**
 * Progress of a metric version: sent after every complete cut whose values are acknowledged, at least once a second, and at
 * every change of phase (SEMANTICS 4.2). A hub may use it once its own position in the values topic has reached `through`.
 */
export const metricProgressSchema = z.object({
  v: z.literal(PROGRESS_CONTRACT),
  kind: z.literal('metric'),
  metric: z.string(),
  version: z.string(),
  generation: z.number().int().positive(),
  instance: z.string(),
  cut: z.number().int().nonnegative(),
  /** Cluster clock when it was made. */
  at: epochMsSchema,
  /** Bound of the computer's error in knowing the cluster clock, ms. */
  clockErrorMs: z.number().nonnegative(),
  phase: phaseSchema,
  frontier: epochMsSchema.nullable(),
  closing: epochMsSchema.nullable(),
  through: z.object({
    partition: z.number().int().nonnegative(),
    offset: z.number().int().nonnegative(),
  }),
  /** Cluster clock when an event was last applied to this metric; null before the first. */
  appliedAt: epochMsSchema.nullable(),
  /** Send instant of the last good answer about the partition list (SEMANTICS 1.5). */
  listSeenAt: epochMsSchema.nullable(),
  partitions: z.array(partitionProgressSchema),
  counts: metricCountsSchema,
  hops: z.object({
    ingest: hopSummarySchema.nullable(),
    stream: hopSummarySchema.nullable(),
    compute: hopSummarySchema.nullable(),
  }),
});
export type MetricProgress = z.infer<typeof metricProgressSchema>;

/** A hub's heartbeat: it measures the hub's offset from the cluster clock and shows that the hub can append. */
export const hubProgressSchema = z.object({
  v: z.literal(PROGRESS_CONTRACT),
  kind: z.literal('hub'),
  instance: z.string(),
});

export const progressRecordSchema = z.discriminatedUnion('kind', [
  metricProgressSchema,
  hubProgressSchema,
]);

/** Key in the progress topic. */
export const progressKey = (metric: string, version: string): string => `${metric}|${version}`;
