import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { AppError } from '#lib/errors/app-error.ts';
import { answerError, statusOf } from '#server/http/answer-error.ts';
import { boardRoutes } from '#server/http/board-routes.ts';
import { definitionRoutes } from '#server/http/definition-routes.ts';
import { metricRoutes } from '#server/http/metric-routes.ts';
import type { Rest, RestParts } from '#server/http/rest-parts.ts';
import { statusRoutes } from '#server/http/status-routes.ts';

/** REST (lib/contracts/rest.ts), health and Prometheus. Host and Origin were checked before a request gets here. */
export function makeRest(parts: RestParts): Rest {
  const rest: Rest = new Hono<{ Bindings: HttpBindings }>();
  rest.use(async (c, next) => {
    await next();
    c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
  });
  boardRoutes(rest, parts);
  metricRoutes(rest, parts);
  definitionRoutes(rest, parts);
  statusRoutes(rest, parts);
  rest.notFound((c) =>
    answerError(
      c,
      new AppError(
        'http/not-found',
        `There is nothing at ${c.req.method} ${c.req.path.slice(0, 200)}.`,
      ),
    ),
  );
  rest.onError((error, c) => {
    const status = statusOf(error);
    parts.logger[status >= 500 ? 'error' : 'info']('http:failed', {
      method: c.req.method,
      path: c.req.path,
      status,
      error,
    });
    return answerError(c, error);
  });
  return rest;
}
