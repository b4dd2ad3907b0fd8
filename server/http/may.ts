import type { IncomingMessage } from 'node:http';
import { authorize, type Action, type Resource, type Viewer } from '#lib/access/authorize.ts';
import { AppError } from '#lib/errors/app-error.ts';

type ViewerOf = (request: IncomingMessage) => Viewer;
interface Asking {
  readonly env: { readonly incoming: IncomingMessage };
}

/** Whether whoever made this request may do that. */
export const may = (viewerOf: ViewerOf, c: Asking, action: Action, resource: Resource): boolean =>
  authorize(viewerOf(c.env.incoming), action, resource).allowed;

/** Throws `access/denied` when they may not (AC1). */
export function demand(viewerOf: ViewerOf, c: Asking, action: Action, resource: Resource): void {
  const verdict = authorize(viewerOf(c.env.incoming), action, resource);
  if (!verdict.allowed)
    throw new AppError('access/denied', verdict.reason, { action, resource: resource.name });
}

/** A whole collection: what in it may be seen is asked one by one. */
export const collection = (kind: Resource['kind']): Resource => ({
  kind,
  name: null,
  owner: null,
  classes: [],
  dims: [],
});
