import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  boardViewSchema,
  CALM_EVERY_MS,
  clientRequests,
  FEED_BEAT_MS,
  FEED_PROTOCOL,
  FEED_SILENCE_MS,
  serverEvents,
} from '#lib/contracts/feed.ts';
import { definitionSchema } from '#lib/definitions/schema.ts';
import { ERROR_CODES } from '#lib/errors/app-error.ts';
import { boardViewOf } from '#lib/panels/board-view-of.ts';

// Raise FEED_PROTOCOL, then accept the new digest; continuous integration never rewrites snapshots.
test('[FD12] the wire format changes only together with FEED_PROTOCOL', () => {
  const shapes = [
    ...Object.entries(serverEvents).map(([name, schema]) => [name, z.toJSONSchema(schema)]),
    ...Object.entries(clientRequests).map(([name, { request, reply }]) => [
      name,
      z.toJSONSchema(request),
      z.toJSONSchema(reply),
    ]),
  ];
  // A new error code is no new format: a tab shows the sentence and goes by `retryable`.
  const text = JSON.stringify(shapes).replaceAll(JSON.stringify(ERROR_CODES), '"an error code"');
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  expect({ FEED_PROTOCOL, digest }).toMatchInlineSnapshot(`
    {
      "FEED_PROTOCOL": 1,
      "digest": "28966b85f158",
    }
  `);
});

test('[FD12] a board as it is sent passes the schema it is received by', () => {
  const board = definitionSchema.parse({
    apiVersion: 'freshet/v1',
    kind: 'Board',
    metadata: { name: 'shop', owner: 'a' },
    spec: {
      panels: [
        {
          id: 'p',
          kind: 'number',
          metric: 'm',
          compare: '1h',
          at: { x: 0, y: 0, w: 1, h: 1 },
        },
      ],
    },
  });
  if (board.kind !== 'Board') throw new Error('the schema parsed another kind');
  const view = boardViewOf(board, () => null);
  expect(boardViewSchema.parse(JSON.parse(JSON.stringify(view)))).toEqual({
    ...view,
    panels: [
      { face: null, spec: expect.objectContaining({ compare: 3_600_000, range: 3_600_000 }) },
    ],
  });
});

test('[FD3] a screen misses several beats before it says Disconnected', () => {
  expect(CALM_EVERY_MS).toBeLessThanOrEqual(FEED_BEAT_MS);
  expect(FEED_BEAT_MS).toBeLessThanOrEqual(1_000);
  expect(FEED_SILENCE_MS).toBeGreaterThanOrEqual(3 * FEED_BEAT_MS);
});
