import { authorize, type Viewer } from '#lib/access/authorize.ts';
import { boardResource, metricResource } from '#lib/access/resource-of.ts';
import type { BoardView } from '#lib/contracts/feed.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { boardViewOf } from '#lib/panels/board-view-of.ts';
import type { Definitions } from '#server/ports/definitions.ts';
import type { MetricView } from '#server/ports/metric-view.ts';

/** A board as this viewer may see it now. Throws `http/not-found` or `access/denied`; a metric that is not theirs to see has no face. */
export function boardViewFor(
  viewer: Viewer,
  name: string,
  definitions: Definitions,
  view: MetricView,
): BoardView {
  const board = definitions.board(name);
  if (board === null)
    throw new AppError(
      'http/not-found',
      `There is no board "${name.slice(0, 80)}". The list of boards shows those there are; apply a definition of kind Board to make one.`,
    );
  const verdict = authorize(viewer, 'view', boardResource(board));
  if (!verdict.allowed) throw new AppError('access/denied', verdict.reason, { board: name });
  return boardViewOf(board, (metric) => {
    const definition = definitions.metric(metric);
    if (definition === null) return null;
    const resource = metricResource(definition, definitions.stream(definition.spec.from));
    return authorize(viewer, 'view', resource).allowed ? view.face(metric) : null;
  });
}
