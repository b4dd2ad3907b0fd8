import { z } from 'zod';
import { metricNumberSchema } from '#lib/contracts/metric-record.ts';
import { panelSpecSchema } from '#lib/definitions/schema.ts';
import { ERROR_CODES } from '#lib/errors/app-error.ts';
import { freshnessFactsSchema } from '#lib/freshness/facts.ts';
import { durationMsSchema, epochMsSchema } from '#lib/time/instant.ts';

/** Raise this when an old browser tab could misread a new message. Guarded by feed.test.ts. */
export const FEED_PROTOCOL = 1;

/** The feed sends something at least this often (SEMANTICS 4.7: at least one a second). */
export const FEED_BEAT_MS = 500;
/** No message for this long means Disconnected (SEMANTICS 4.7). */
export const FEED_SILENCE_MS = 3_000;
/** Calm cadence: at most four updates a second, because people read numbers. */
export const CALM_EVERY_MS = 250;

const wireErrorSchema = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  retryable: z.boolean(),
});

/** One value of one series as a screen needs it. A later point with the same dims and start replaces an earlier one. */
export const pointSchema = z.object({
  /** Canonical JSON of the dimensions; `{}` for the only series of an ungrouped metric. */
  dims: z.string(),
  /** Event time, end exclusive. */
  start: epochMsSchema,
  end: epochMsSchema,
  value: metricNumberSchema,
  reason: z.string().nullable(),
  withdrawn: z.boolean(),
  partial: z.boolean(),
  late: z.number().int().nonnegative(),
  /** Event time and record timestamp of the newest record in it; for the hops of this very screen. */
  eventAt: epochMsSchema.nullable(),
  appendedAt: epochMsSchema.nullable(),
  emittedAt: epochMsSchema.nullable(),
});
export type Point = z.infer<typeof pointSchema>;

/** How a metric is shown: its attributes, resolved for a panel. */
export const metricFaceSchema = z.object({
  metric: z.string(),
  version: z.string().nullable(),
  title: z.string(),
  owner: z.string(),
  runbook: z.string().nullable(),
  unit: z.string().nullable(),
  good: z.enum(['up', 'down']).nullable(),
  groupBy: z.array(z.string()),
  windowMs: z.number().int().positive(),
  /** The measure's kind: decides what an empty window shows (SEMANTICS 2.11). */
  measure: z.enum(['count', 'sum', 'avg', 'min', 'max', 'ratio']),
  show: z.enum(['complete', 'current']),
  topics: z.array(z.string()),
});
export type MetricFace = z.infer<typeof metricFaceSchema>;

/** A channel is one panel of one board on one connection. Its facts never travel without all its pending points (FD4). */
export const channelUpdateSchema = z.object({
  panel: z.string(),
  /** True when `points` replaces everything the screen holds for this channel. */
  reset: z.boolean(),
  points: z.array(pointSchema),
  facts: freshnessFactsSchema,
});
export type ChannelUpdate = z.infer<typeof channelUpdateSchema>;

export const boardUpdateSchema = z.object({
  board: z.string(),
  /** Counts updates of one board on one connection, from the join's `seq` + 1; a gap asks for a snapshot. */
  seq: z.number().int().nonnegative(),
  /** Cluster clock, just before the write. */
  sentAt: epochMsSchema,
  channels: z.array(channelUpdateSchema),
});
export type BoardUpdate = z.infer<typeof boardUpdateSchema>;

/** A panel as it travels: durations are milliseconds by then, no longer the text of the definition. */
const sentPanelSchema = panelSpecSchema.extend({
  compare: durationMsSchema.optional(),
  range: durationMsSchema,
});

export const boardViewSchema = z.object({
  name: z.string(),
  title: z.string(),
  owner: z.string(),
  description: z.string().nullable(),
  zone: z.string().nullable(),
  panels: z.array(z.object({ spec: sentPanelSchema, face: metricFaceSchema.nullable() })),
});
export type BoardView = z.infer<typeof boardViewSchema>;

export const boardSnapshotSchema = z.object({ view: boardViewSchema, update: boardUpdateSchema });
export type BoardSnapshot = z.infer<typeof boardSnapshotSchema>;

export const serverEvents = {
  /** Values and facts; also the heartbeat: sent at least every FEED_BEAT_MS, then with facts alone. */
  'board:update': boardUpdateSchema,
  'board:closed': z.object({
    board: z.string(),
    reason: z.enum(['changed', 'deleted', 'access-revoked']),
  }),
} as const;

const replyOf = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), value }),
    z.object({ ok: z.literal(false), error: wireErrorSchema }),
  ]);

export const clientRequests = {
  /** Joins a board, or asks for a fresh snapshot of one already joined (after a gap). */
  'board:join': {
    request: z.object({
      board: z.string().min(1),
      protocol: z.number().int(),
      cadence: z.enum(['calm', 'frame']),
    }),
    reply: replyOf(boardSnapshotSchema),
  },
  'board:leave': {
    request: z.object({ board: z.string().min(1) }),
    reply: replyOf(z.object({})),
  },
  /** What the screen painted last; releases the next update at cadence `frame`. */
  'board:painted': {
    request: z.object({ board: z.string().min(1), seq: z.number().int().nonnegative() }),
    reply: replyOf(z.object({})),
  },
  /** The browser keeps its own monotonic send and receive instants; the server answers in the cluster's clock. */
  'clock:probe': {
    request: z.object({}),
    reply: replyOf(
      z.object({
        /** Null while the server has not measured the cluster's clock yet. */
        clusterNow: z.number().nullable(),
        errorMs: z.number().nonnegative(),
      }),
    ),
  },
} as const;

type ServerEventMap = typeof serverEvents;
type ClientRequestMap = typeof clientRequests;
export type RequestName = keyof ClientRequestMap;
export type RequestOf<N extends RequestName> = z.infer<ClientRequestMap[N]['request']>;
export type ReplyOf<N extends RequestName> = z.infer<ClientRequestMap[N]['reply']>;
export type ReplyValueOf<N extends RequestName> = Extract<ReplyOf<N>, { ok: true }>['value'];

/** The shapes Socket.IO's generics want, derived so they cannot drift from the schemas. */
export type ServerToClientEvents = {
  [E in keyof ServerEventMap]: (payload: z.infer<ServerEventMap[E]>) => void;
};
export type ClientToServerEvents = {
  [N in RequestName]: (request: RequestOf<N>, reply: (answer: ReplyOf<N>) => void) => void;
};
