import { metricResource } from '#lib/access/resource-of.ts';
import type { Action } from '#lib/access/authorize.ts';
import type { MetricFace } from '#lib/contracts/feed.ts';
import type { MetricEntry, MetricList, ValuesReply, Why } from '#lib/contracts/rest.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { instantParam } from '#server/http/instant-param.ts';
import { demand, may } from '#server/http/may.ts';
import type { Rest, RestParts } from '#server/http/rest-parts.ts';
import { readValues } from '#server/http/stored-values.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 10_000;
const WHERE = 'where.';

/** GET /api/v1/metrics, /metrics/<name>, /metrics/<name>/freshness and /metrics/<name>/values. */
export function metricRoutes(rest: Rest, parts: RestParts): void {
  const { view, definitions, store, clock, viewerOf } = parts;
  const resourceOf = (metric: NonNullable<ReturnType<typeof definitions.metric>>) =>
    metricResource(metric, definitions.stream(metric.spec.from));

  const faceFor = (c: Parameters<typeof demand>[1], name: string, action: Action): MetricFace => {
    const metric = definitions.metric(name);
    const face = view.face(name);
    if (metric === null || face === null)
      throw new AppError(
        'http/not-found',
        `There is no metric "${name.slice(0, 80)}": GET /api/v1/metrics lists those there are.`,
      );
    demand(viewerOf, c, action, resourceOf(metric));
    return face;
  };

  rest.get('/api/v1/metrics', (c) => {
    const now = view.clusterNow();
    const metrics = definitions
      .metrics()
      .filter((metric) => may(viewerOf, c, 'view', resourceOf(metric)))
      .flatMap(({ metadata: { name } }): MetricEntry[] => {
        const face = view.face(name);
        return face === null ? [] : [{ face, facts: view.facts(name) }];
      });
    return c.json<MetricList>({
      clusterNow: now?.at ?? null,
      clockErrorMs: now?.errorMs ?? 0,
      metrics,
    });
  });

  rest.get('/api/v1/metrics/:name', (c) => {
    const face = faceFor(c, c.req.param('name'), 'view');
    return c.json<MetricEntry>({ face, facts: view.facts(face.metric) });
  });

  rest.get('/api/v1/metrics/:name/freshness', (c) => {
    const face = faceFor(c, c.req.param('name'), 'explain');
    const why = view.why(face.metric);
    if (why === null) throw notYet(face.metric);
    return c.json<Why>(why);
  });

  rest.get('/api/v1/metrics/:name/values', async (c) => {
    const face = faceFor(c, c.req.param('name'), 'view');
    const params = new URL(c.req.url).searchParams;
    const now = view.clusterNow()?.at ?? clock.now();
    const to = instantParam('to', params.get('to') ?? 'now', now);
    const from = params.has('from')
      ? instantParam('from', params.get('from') ?? '', now)
      : Math.max(0, to - HOUR_MS);
    if (from >= to)
      throw new AppError('http/bad-request', '"from" must lie before "to": the span is empty.');
    const where = whereOf(params, face);
    const limit = limitOf(params.get('limit'));
    const facts = view.facts(face.metric);
    if (facts === null) throw notYet(face.metric);
    const query = { metric: face.metric, version: face.version ?? '', from, to, where, limit };
    // Facts and points of one turn; what history adds later can only be newer than the facts say.
    const newest = view.points(face.metric, from);
    const read =
      face.version === null
        ? { values: [], truncated: false }
        : await readValues(store, query, newest);
    return c.json<ValuesReply>({
      metric: face.metric,
      version: face.version,
      unit: face.unit,
      facts,
      clusterNow: view.clusterNow()?.at ?? null,
      truncated: read.truncated,
      values: [...read.values],
    });
  });
}

const notYet = (metric: string): AppError =>
  new AppError(
    'http/not-found',
    `Nothing is known of metric "${metric}" yet: it was just applied. Ask again in a second.`,
  );

function whereOf(params: URLSearchParams, face: MetricFace): ReadonlyMap<string, string> {
  const where = new Map<string, string>();
  for (const [name, value] of params) {
    if (!name.startsWith(WHERE)) continue;
    const dim = name.slice(WHERE.length);
    if (!face.groupBy.includes(dim))
      throw new AppError(
        'http/bad-request',
        face.groupBy.length === 0
          ? `"${name}": metric "${face.metric}" has no dimensions.`
          : `"${name}": metric "${face.metric}" is grouped by ${face.groupBy.join(', ')}.`,
      );
    where.set(dim, value);
  }
  return where;
}

function limitOf(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new AppError(
      'http/bad-request',
      `"limit" must be a whole number from 1 to ${MAX_LIMIT}.`,
    );
  return limit;
}
