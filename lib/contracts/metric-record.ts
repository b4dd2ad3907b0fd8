import { z } from 'zod';
import { epochMsSchema } from '#lib/time/instant.ts';

/** Version of the metric-topic contract (SPEC.md, Contracts). Raise it when an older hub could misread a record. */
export const VALUE_CONTRACT = 1;

/** Dimension values of one series. Integers beyond 2^53 and decimals travel as strings. */
export const dimsSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null()]),
);
export type Dims = z.infer<typeof dimsSchema>;

/** A computed number: decimals and 64-bit integers as strings, doubles and small counts as numbers, null with a reason. */
export const metricNumberSchema = z.union([z.string(), z.number(), z.null()]);
export type MetricNumber = z.infer<typeof metricNumberSchema>;

/** Offsets of one topic-partition that determine a value: every record in [from, next) less `missing` (SEMANTICS 2.1). */
export const inputRangeSchema = z.object({
  /** Topic id where the broker tells it, else null. */
  id: z.string().nullable(),
  from: z.number().int().nonnegative(),
  next: z.number().int().nonnegative(),
  /** Offsets in the range that retention deleted before they were read. */
  missing: z.number().int().nonnegative(),
});
export type InputRange = z.infer<typeof inputRangeSchema>;

/** Keyed by `<topic>-<partition>`. */
export const inputsSchema = z.record(z.string(), inputRangeSchema);
export type Inputs = z.infer<typeof inputsSchema>;

/** Instants of the newest record applied to a value, cluster clock but for `eventAt` (producer's claim). */
export const hopInstantsSchema = z.object({
  eventAt: epochMsSchema.nullable(),
  /** Record timestamp: append time on LogAppendTime topics, else the producer's clock. */
  appendedAt: epochMsSchema.nullable(),
  fetchedAt: epochMsSchema.nullable(),
  computedAt: epochMsSchema.nullable(),
  emittedAt: epochMsSchema.nullable(),
});

export const windowSchema = z.object({ start: epochMsSchema, end: epochMsSchema });

const computerSchema = z.object({ kind: z.string(), id: z.string(), build: z.string() });

/**
 * One value of the metric topic. A third party must give only metric, value and window; everything else is
 * optional and shown as unknown when it is missing. Determined fields (SEMANTICS 2.1): value, parts, window, dims, counts, partial.
 */
export const metricValueSchema = z.object({
  v: z.literal(VALUE_CONTRACT).optional(),
  metric: z.string().min(1),
  version: z.string().optional(),
  generation: z.number().int().nonnegative().optional(),
  instance: z.string().optional(),
  dims: dimsSchema.default({}),
  window: windowSchema,
  value: metricNumberSchema,
  parts: z.record(z.string(), metricNumberSchema).optional(),
  reason: z.string().optional(),
  withdrawn: z.boolean().optional(),
  partial: z.boolean().optional(),
  final: z.boolean().optional(),
  correction: z.boolean().optional(),
  frontier: epochMsSchema.nullable().optional(),
  hops: hopInstantsSchema.optional(),
  inputs: inputsSchema.optional(),
  counts: z.object({ in: z.number().int(), late: z.number().int() }).optional(),
  by: computerSchema.optional(),
});
export type MetricValue = z.infer<typeof metricValueSchema>;

/** Says who may write a metric version from here on (SEMANTICS 3.1). The last claim in the log holds. */
export const claimSchema = z.object({
  v: z.literal(VALUE_CONTRACT),
  claim: z.literal(true),
  metric: z.string().min(1),
  version: z.string().min(1),
  generation: z.number().int().positive(),
  instance: z.string().min(1),
});
export type Claim = z.infer<typeof claimSchema>;

/** Dims as canonical JSON: keys sorted, no spaces. Equal dims give equal text. */
export function canonicalDims(dims: Dims): string {
  const sorted = Object.keys(dims).sort();
  return `{${sorted.map((k) => `${JSON.stringify(k)}:${JSON.stringify(dims[k])}`).join(',')}}`;
}

/** Key of a value in the metric topic: `metric|version|windowStart|dims`. */
export const valueKey = (metric: string, version: string, start: number, dims: string): string =>
  `${metric}|${version}|${start}|${dims}`;

/** Key of the claim of a metric version; it shares the partition of its values. */
export const claimKey = (metric: string, version: string): string => `${metric}|${version}|claim`;

/**
 * The one partition of the values topic that carries a metric version (SEMANTICS 3.1): FNV-1a over UTF-16 code units.
 * Fixed for ever: hubs and computers of different builds must agree.
 */
export function valuesPartition(metric: string, version: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${metric}|${version}`) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash % partitions;
}
