import { z } from 'zod';
import { fieldSchema } from '#lib/definitions/schema.ts';

/** Version of the definitions-topic contract. */
export const PLAN_CONTRACT = 1;

/** One measure of a plan. `of` and `where` are CEL sources already checked against the stream's fields. */
const simpleMeasureSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('count'), where: z.string().nullable() }),
  z.object({ kind: z.enum(['sum', 'avg', 'min', 'max']), of: z.string() }),
]);
export const planMeasureSchema = z.discriminatedUnion('kind', [
  ...simpleMeasureSchema.options,
  z.object({ kind: z.literal('ratio'), of: simpleMeasureSchema, to: simpleMeasureSchema }),
]);
export type SimpleMeasure = z.infer<typeof simpleMeasureSchema>;
export type PlanMeasure = z.infer<typeof planMeasureSchema>;

const resolvedEventTimeSchema = z.union([
  z.object({ as: z.literal('record') }),
  z.object({ field: z.string(), as: z.enum(['iso8601', 'epoch-ms', 'epoch-s']) }),
]);

/** What compute needs of a stream. Part of the version's hash. */
export const planStreamSchema = z.object({
  name: z.string(),
  cluster: z.string(),
  topic: z.string(),
  format: z.literal('json'),
  eventTime: resolvedEventTimeSchema,
  aheadMs: z.number().int().nonnegative(),
  fields: z.record(z.string(), fieldSchema),
});
export type PlanStream = z.infer<typeof planStreamSchema>;

/** Everything that decides a metric's values: the resolved closure (SEMANTICS 3.7). Hashed as canonical JSON. */
export const closureSchema = z.object({
  /** Raised when the engine would give another value for the same closure. */
  engine: z.number().int(),
  stream: planStreamSchema,
  where: z.string().nullable(),
  groupBy: z.array(z.string()),
  window: z.object({ kind: z.literal('tumbling'), sizeMs: z.number().int().positive() }),
  measure: planMeasureSchema,
  latenessMs: z.number().int().nonnegative(),
  horizonMs: z.number().int().nonnegative(),
  start: z.union([z.enum(['earliest', 'now']), z.number().int()]),
});
export type Closure = z.infer<typeof closureSchema>;

/** A record of the definitions topic: one metric version compute has to run. A tombstone removes the metric. */
export const metricPlanSchema = z.object({
  v: z.literal(PLAN_CONTRACT),
  kind: z.literal('metric'),
  metric: z.string(),
  /** `<number>-<first 12 hex digits of the closure's sha256>`. */
  version: z.string(),
  closure: closureSchema,
  emitEveryMs: z.number().int().nonnegative(),
});
export type MetricPlan = z.infer<typeof metricPlanSchema>;

/** Key in the definitions topic. */
export const planKey = (metric: string): string => `metric|${metric}`;
