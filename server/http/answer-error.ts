import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { toWireError, type ErrorCode } from '#lib/errors/app-error.ts';

/** A full record on purpose: a new code needs a status. */
const STATUS: Readonly<Record<ErrorCode, ContentfulStatusCode>> = {
  'access/denied': 403,
  'broker/absent': 503,
  'broker/failed': 503,
  'compute/fenced': 503,
  'compute/failed': 503,
  'compute/log-replaced': 503,
  'config/invalid': 500,
  'definition/invalid': 422,
  'definition/managed': 409,
  'feed/bad-request': 400,
  'feed/protocol-mismatch': 400,
  'http/bad-request': 400,
  'http/build-failed': 500,
  'http/not-found': 404,
  'http/port-taken': 500,
  'http/unreachable': 502,
  'kafka/authorization': 502,
  'kafka/corrupt-batch': 502,
  'kafka/external-refused': 409,
  'kafka/topic-missing': 502,
  'kafka/unreachable': 503,
  'store/locked': 503,
  'store/failed': 500,
  'store/newer': 503,
  internal: 500,
};

export const statusOf = (error: unknown): ContentfulStatusCode => STATUS[toWireError(error).code];

/** Every failure of REST has this one shape (HT5). */
export const answerError = (c: Context, error: unknown): Response =>
  c.json({ error: toWireError(error) }, statusOf(error));
