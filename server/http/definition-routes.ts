import {
  applyRequestSchema,
  shopCommandSchema,
  type ApplyReply,
  type DefinitionList,
  type ShopReply,
} from '#lib/contracts/rest.ts';
import { KINDS } from '#lib/definitions/schema.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { collection, demand } from '#server/http/may.ts';
import { requestBody } from '#server/http/request-body.ts';
import type { Rest, RestParts } from '#server/http/rest-parts.ts';

/** GET and POST /api/v1/definitions, POST /api/v1/demo/shop: everything that changes something. */
export function definitionRoutes(rest: Rest, parts: RestParts): void {
  const { definitions, store, viewerOf, shop } = parts;

  rest.get('/api/v1/definitions', async (c) => {
    demand(viewerOf, c, 'view', collection('definitions'));
    const { kind, name } = c.req.query();
    if (kind !== undefined && !(KINDS as readonly string[]).includes(kind))
      throw new AppError('http/bad-request', `"kind" must be one of ${KINDS.join(', ')}.`);
    const stored = await store.definitions();
    return c.json<DefinitionList>({
      definitions: stored
        .filter((one) => kind === undefined || one.kind === kind)
        .filter((one) => name === undefined || one.name === name)
        .map((one) => ({
          kind: one.kind,
          name: one.name,
          set: one.set,
          revision: one.revision,
          changedAt: one.changedAt,
          version: one.plan?.version ?? null,
          source: JSON.parse(one.source) as unknown,
        })),
    });
  });

  rest.post('/api/v1/definitions', async (c) => {
    demand(viewerOf, c, 'apply', collection('definitions'));
    const request = await requestBody(c.env.incoming, applyRequestSchema);
    const reply = await definitions.apply(request);
    const invalid = reply.problems.some(({ severity }) => severity === 'error');
    return c.json<ApplyReply>(reply, invalid ? 422 : 200);
  });

  rest.post('/api/v1/demo/shop', async (c) => {
    demand(viewerOf, c, 'administer', collection('demo'));
    if (shop === undefined)
      throw new AppError(
        'http/not-found',
        'No shop runs here: it belongs to the demo, `npx freshet demo`.',
      );
    return c.json<ShopReply>(
      await shop.command(await requestBody(c.env.incoming, shopCommandSchema)),
    );
  });
}
