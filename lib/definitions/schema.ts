import { z } from 'zod';
import { durationSchema } from '#lib/time/duration.ts';

/** The one schema of definitions (SPEC.md, Contracts). Durations come out in milliseconds. Unknown keys are errors. */
export const API_VERSION = 'freshet/v1';

/** The id of an object, for ever. */
export const nameSchema = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,62}$/,
    'expected a lower-case name: a letter, then letters, digits, _ or -',
  );

const metadataSchema = z.strictObject({
  name: nameSchema,
  title: z.string().min(1).optional(),
  owner: z.string().min(1),
  runbook: z.url().optional(),
  description: z.string().optional(),
});

export const fieldClassSchema = z
  .enum(['public', 'internal', 'financial', 'personal', 'secret'])
  .default('internal');

export const fieldSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('string'), class: fieldClassSchema }),
  z.strictObject({ type: z.literal('bool'), class: fieldClassSchema }),
  z.strictObject({ type: z.literal('int'), class: fieldClassSchema }),
  z.strictObject({ type: z.literal('double'), class: fieldClassSchema }),
  z.strictObject({
    type: z.literal('decimal'),
    scale: z.number().int().min(0).max(18),
    class: fieldClassSchema,
  }),
]);
export type FieldSpec = z.infer<typeof fieldSchema>;

export const eventTimeSchema = z.union(
  [
    z.literal('record').transform(() => ({ as: 'record' as const })),
    z.strictObject({ field: z.string().min(1), as: z.enum(['iso8601', 'epoch-ms', 'epoch-s']) }),
  ],
  'expected record, or a field and how to read it: { field: paid_at, as: iso8601 }',
);
export type EventTimeSpec = z.infer<typeof eventTimeSchema>;

export const streamSpecSchema = z.strictObject({
  cluster: z.literal('main').default('main'),
  topic: z.string().regex(/^[A-Za-z0-9._-]{1,249}$/, 'expected a Kafka topic name'),
  format: z.literal('json').default('json'),
  eventTime: eventTimeSchema.default({ as: 'record' }),
  /** How far an event time may lead its record's timestamp (SEMANTICS 2.2). */
  ahead: durationSchema.prefault('1h'),
  fields: z.record(
    z
      .string()
      .regex(
        /^[A-Za-z_][A-Za-z0-9_]*$/,
        'expected a field name: a letter or _, then letters, digits or _',
      ),
    fieldSchema,
  ),
});
export type StreamSpec = z.infer<typeof streamSpecSchema>;

/** `count()`, `count(status == 'failed')`, `sum(amount)`, `avg(amount)`, `min(x)`, `max(x)`; checked later against the stream. */
const measureTextSchema = z.string().min(1);
export const measureSpecSchema = z.union(
  [
    measureTextSchema,
    z.strictObject({ ratio: z.strictObject({ of: measureTextSchema, to: measureTextSchema }) }),
  ],
  'expected a measure such as count() or sum(amount), or { ratio: { of: …, to: … } }',
);
export type MeasureSpec = z.infer<typeof measureSpecSchema>;

export const metricSpecSchema = z.strictObject({
  from: nameSchema,
  where: z.string().min(1).optional(),
  groupBy: z.array(z.string().min(1)).max(8).default([]),
  window: z.strictObject({
    kind: z.literal('tumbling'),
    size: durationSchema,
  }),
  measure: measureSpecSchema,
  lateness: durationSchema.prefault('1m'),
  emit: z.strictObject({ every: durationSchema }).prefault({ every: '250ms' }),
  start: z
    .union(
      [z.enum(['earliest', 'now']), durationSchema],
      'expected earliest, now or a duration such as 7d',
    )
    .default('earliest'),
  replay: z
    .strictObject({
      contract: z.literal('deterministic').default('deterministic'),
      horizon: durationSchema,
    })
    .prefault({ horizon: '24h' }),
  /** What follows are attributes: changing them starts no version (SEMANTICS 3.7). */
  unit: z.string().min(1).optional(),
  good: z.enum(['up', 'down']).optional(),
  show: z.enum(['complete', 'current']).default('complete'),
  actionWindow: durationSchema.optional(),
  quietAfter: durationSchema.optional(),
});

export const objectiveSpecSchema = z
  .strictObject({
    metric: nameSchema,
    target: durationSchema,
    stopTrusting: durationSchema.optional(),
  })
  .refine((o) => o.stopTrusting === undefined || o.stopTrusting > o.target, {
    path: ['stopTrusting'],
    message: 'must be longer than target',
  });

export const panelSpecSchema = z.strictObject({
  id: nameSchema,
  kind: z.enum(['number', 'time-series']),
  metric: nameSchema,
  title: z.string().min(1).optional(),
  show: z.enum(['complete', 'current']).optional(),
  /** How far back a number panel compares, for example `1h`. */
  compare: durationSchema.optional(),
  /** Dimension whose values become the series of a time-series panel. */
  by: z.string().min(1).optional(),
  /** Span of a time-series panel, back from now. */
  range: durationSchema.prefault('1h'),
  at: z.strictObject({
    x: z.number().int().min(0).max(11),
    y: z.number().int().min(0),
    w: z.number().int().min(1).max(12),
    h: z.number().int().min(1).max(24),
  }),
});
export type PanelSpec = z.infer<typeof panelSpecSchema>;

export const boardSpecSchema = z.strictObject({
  zone: z.string().min(1).optional(),
  panels: z.array(panelSpecSchema).max(60),
});

const objectOf = <K extends string, S extends z.ZodType>(kind: K, spec: S) =>
  z.strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal(kind),
    metadata: metadataSchema,
    spec,
  });

/** The schema of each kind, so that a wrong object is told what its own kind wants. */
export const KIND_SCHEMAS = {
  Stream: objectOf('Stream', streamSpecSchema),
  Metric: objectOf('Metric', metricSpecSchema),
  Objective: objectOf('Objective', objectiveSpecSchema),
  Board: objectOf('Board', boardSpecSchema),
} as const;

export const definitionSchema = z.discriminatedUnion('kind', [
  KIND_SCHEMAS.Stream,
  KIND_SCHEMAS.Metric,
  KIND_SCHEMAS.Objective,
  KIND_SCHEMAS.Board,
]);
export type Definition = z.infer<typeof definitionSchema>;
export type Kind = Definition['kind'];
export type DefinitionOf<K extends Kind> = Extract<Definition, { kind: K }>;
export const KINDS = ['Stream', 'Metric', 'Objective', 'Board'] as const satisfies readonly Kind[];
