import { z } from 'zod';
import { inputsSchema, metricNumberSchema } from '#lib/contracts/metric-record.ts';
import {
  hopSummarySchema,
  metricCountsSchema,
  partitionProgressSchema,
} from '#lib/contracts/progress.ts';
import { ERROR_CODES } from '#lib/errors/app-error.ts';
import { freshnessFactsSchema } from '#lib/freshness/facts.ts';
import { metricFaceSchema } from '#lib/contracts/feed.ts';
import { epochMsSchema } from '#lib/time/instant.ts';

/** REST under /api/v1 (SPEC.md, Contracts). Every failure is `{ error }` with a matching HTTP status. */
export const restErrorSchema = z.object({
  error: z.object({ code: z.enum(ERROR_CODES), message: z.string(), retryable: z.boolean() }),
});

/** One place in a definition file that is wrong, and the nearest right thing. Lines and columns count from 1. */
export const definitionProblemSchema = z.object({
  file: z.string(),
  line: z.number().int().positive(),
  column: z.number().int().positive(),
  /** Path inside the document, for example `spec.groupBy.0`. */
  path: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  /** What to do, for example `did you mean "amount"?`. */
  fix: z.string().nullable(),
});
export type DefinitionProblem = z.infer<typeof definitionProblemSchema>;

/** POST /api/v1/definitions */
export const applyRequestSchema = z.object({
  /** Apply set that manages these objects. */
  set: z.string().min(1).max(63).default('default'),
  dryRun: z.boolean().default(false),
  /** Apply only objects that are absent; used by the demo for its examples. */
  onlyAbsent: z.boolean().default(false),
  takeOver: z.boolean().default(false),
  /** Delete objects of this set that the files no longer contain. */
  prune: z.boolean().default(false),
  files: z.array(z.object({ name: z.string().min(1), text: z.string().max(1_000_000) })).max(500),
});
export type ApplyRequest = z.infer<typeof applyRequestSchema>;

/** What apply did or would do with one object. `starts` says whether values begin anew. */
export const definitionChangeSchema = z.object({
  kind: z.string(),
  name: z.string(),
  action: z.enum(['create', 'new-version', 'update', 'unchanged', 'delete', 'skip']),
  version: z.string().nullable(),
  /** Lines of the difference: path, old text, new text. */
  differences: z.array(z.object({ path: z.string(), before: z.string(), after: z.string() })),
});
export type DefinitionChange = z.infer<typeof definitionChangeSchema>;

export const applyReplySchema = z.object({
  applied: z.boolean(),
  changes: z.array(definitionChangeSchema),
  problems: z.array(definitionProblemSchema),
});
export type ApplyReply = z.infer<typeof applyReplySchema>;

/** GET /api/v1/boards */
export const boardSummarySchema = z.object({
  name: z.string(),
  title: z.string(),
  owner: z.string(),
  description: z.string().nullable(),
  panels: z.array(
    z.object({ id: z.string(), title: z.string(), facts: freshnessFactsSchema.nullable() }),
  ),
});
export const boardListSchema = z.object({
  /** Cluster clock at the answer; null before it is measured. */
  clusterNow: z.number().nullable(),
  clockErrorMs: z.number().nonnegative(),
  boards: z.array(boardSummarySchema),
});
export type BoardSummary = z.infer<typeof boardSummarySchema>;
export type BoardList = z.infer<typeof boardListSchema>;

/** GET /api/v1/metrics; one entry of it is GET /api/v1/metrics/<name>. */
export const metricEntrySchema = z.object({
  face: metricFaceSchema,
  facts: freshnessFactsSchema.nullable(),
});
export const metricListSchema = z.object({
  clusterNow: z.number().nullable(),
  clockErrorMs: z.number().nonnegative(),
  metrics: z.array(metricEntrySchema),
});
export type MetricEntry = z.infer<typeof metricEntrySchema>;
export type MetricList = z.infer<typeof metricListSchema>;

/** GET /api/v1/definitions?kind&name: objects as they were written, and who manages them. */
export const definitionListSchema = z.object({
  definitions: z.array(
    z.object({
      kind: z.string(),
      name: z.string(),
      /** Apply set, or null for objects made in the UI. */
      set: z.string().nullable(),
      revision: z.number().int(),
      /** Wall clock of the hub that stored it, epoch ms. */
      changedAt: z.number(),
      /** Metrics only. */
      version: z.string().nullable(),
      /** The object in its source form, durations as people wrote them. */
      source: z.unknown(),
    }),
  ),
});
export type DefinitionList = z.infer<typeof definitionListSchema>;

/** GET /api/v1/metrics/<name>/freshness: everything behind Why. */
export const whySchema = z.object({
  clusterNow: z.number().nullable(),
  face: metricFaceSchema,
  facts: freshnessFactsSchema,
  partitions: z.array(partitionProgressSchema),
  counts: metricCountsSchema.nullable(),
  hops: z.object({
    ingest: hopSummarySchema.nullable(),
    stream: hopSummarySchema.nullable(),
    compute: hopSummarySchema.nullable(),
  }),
  generation: z.number().int().nullable(),
  instance: z.string().nullable(),
});
export type Why = z.infer<typeof whySchema>;

/** GET /api/v1/metrics/<name>/values?from&to&where.<dim>=<value>; newest known value of each window, oldest first. */
export const storedValueSchema = z.object({
  dims: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  window: z.object({ start: epochMsSchema, end: epochMsSchema }),
  value: metricNumberSchema,
  reason: z.string().nullable(),
  parts: z.record(z.string(), metricNumberSchema).nullable(),
  partial: z.boolean(),
  late: z.number().int().nonnegative(),
  inputs: inputsSchema.nullable(),
});
export const valuesReplySchema = z.object({
  metric: z.string(),
  version: z.string().nullable(),
  unit: z.string().nullable(),
  facts: freshnessFactsSchema,
  clusterNow: z.number().nullable(),
  truncated: z.boolean(),
  values: z.array(storedValueSchema),
});
export type ValuesReply = z.infer<typeof valuesReplySchema>;

/** GET /api/v1/status */
export const statusSchema = z.object({
  version: z.string(),
  node: z.string(),
  role: z.enum(['all', 'hub']),
  instance: z.string(),
  brokers: z.array(z.string()),
  prefix: z.string(),
  cluster: z.object({
    reachable: z.boolean(),
    answeredAt: z.number().nullable(),
    clockErrorMs: z.number(),
  }),
  metrics: z.number().int(),
  boards: z.number().int(),
  screens: z.number().int(),
  counts: z.object({
    values: z.number().int(),
    fenced: z.number().int(),
    invalid: z.number().int(),
  }),
  demo: z.boolean(),
});
export type Status = z.infer<typeof statusSchema>;

/** POST /api/v1/demo/shop: only where the demo's shop runs. */
export const shopCommandSchema = z.object({
  action: z.enum(['fail', 'quiet', 'recover', 'status']),
  /** A provider for `fail`, a topic for `quiet`; `all` with `recover`. */
  what: z.string().min(1).max(80).default('all'),
});
export type ShopCommand = z.infer<typeof shopCommandSchema>;
export const shopReplySchema = z.object({ ok: z.boolean(), message: z.string() });
export type ShopReply = z.infer<typeof shopReplySchema>;
