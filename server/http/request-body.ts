import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { AppError } from '#lib/errors/app-error.ts';

/** Some hundred definition files with room to spare. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * A request's JSON, checked. A form cannot send this content type, so a page of another site cannot send it unasked (HT3). It reads Node's own stream: Hono's
 * body limit makes a new Request out of the adapter's, which fails as long as globals are left alone (hono 4.13, @hono/node-server 2.1).
 */
export async function requestBody<S extends z.ZodType>(
  incoming: IncomingMessage,
  schema: S,
): Promise<z.infer<S>> {
  if (!/^application\/json\b/i.test(incoming.headers['content-type'] ?? ''))
    throw new AppError('http/bad-request', 'Send JSON, with content-type: application/json.');
  const parsed = schema.safeParse(parseJson(await textOf(incoming)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError(
    'http/bad-request',
    `The request is wrong at "${issue?.path.join('.') || 'its top'}": ${issue?.message ?? 'unexpected'}.`,
  );
}

/** Stops collecting at the limit, and leaves the rest of the stream to the adapter, which ends it after the answer. */
function textOf(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (outcome: () => void) => {
      incoming.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      outcome();
    };
    const tooMuch = () =>
      settle(() =>
        reject(
          new AppError(
            'http/bad-request',
            'The request is larger than 10 MB: send fewer files at a time.',
          ),
        ),
      );
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) tooMuch();
    };
    const onEnd = () => settle(() => resolve(Buffer.concat(chunks).toString('utf8')));
    const onGone = () =>
      settle(() => reject(new AppError('http/bad-request', 'The request ended half-way.')));
    incoming.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
    if (Number(incoming.headers['content-length'] ?? 0) > MAX_BODY_BYTES) tooMuch();
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('http/bad-request', 'The request is not valid JSON.');
  }
}
