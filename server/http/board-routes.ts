import { boardResource, metricResource } from '#lib/access/resource-of.ts';
import type { BoardView } from '#lib/contracts/feed.ts';
import type { BoardList, BoardSummary } from '#lib/contracts/rest.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { boardViewOf } from '#lib/panels/board-view-of.ts';
import { demand, may } from '#server/http/may.ts';
import type { Rest, RestParts } from '#server/http/rest-parts.ts';

/** GET /api/v1/boards and /api/v1/boards/<name>. */
export function boardRoutes(rest: Rest, { view, definitions, viewerOf }: RestParts): void {
  type Asking = Parameters<typeof may>[1];
  const seesMetric = (c: Asking, name: string) => {
    const metric = definitions.metric(name);
    if (metric === null) return false;
    return may(viewerOf, c, 'view', metricResource(metric, definitions.stream(metric.spec.from)));
  };

  rest.get('/api/v1/boards', (c) => {
    const now = view.clusterNow();
    const boards = definitions
      .boards()
      .filter((board) => may(viewerOf, c, 'view', boardResource(board)))
      .map(({ metadata, spec }): BoardSummary => ({
        name: metadata.name,
        title: metadata.title ?? metadata.name,
        owner: metadata.owner,
        description: metadata.description ?? null,
        panels: spec.panels.map((panel) => {
          const seen = seesMetric(c, panel.metric);
          return {
            id: panel.id,
            title: panel.title ?? (seen ? view.face(panel.metric)?.title : null) ?? panel.metric,
            facts: seen ? view.facts(panel.metric) : null,
          };
        }),
      }));
    return c.json<BoardList>({
      clusterNow: now?.at ?? null,
      clockErrorMs: now?.errorMs ?? 0,
      boards,
    });
  });

  rest.get('/api/v1/boards/:name', (c) => {
    const board = definitions.board(c.req.param('name'));
    if (board === null)
      throw new AppError(
        'http/not-found',
        `There is no board "${c.req.param('name').slice(0, 80)}": GET /api/v1/boards lists those there are.`,
      );
    demand(viewerOf, c, 'view', boardResource(board));
    return c.json<BoardView>(
      boardViewOf(board, (metric) => (seesMetric(c, metric) ? view.face(metric) : null)),
    );
  });
}
