import type { restErrorSchema } from '#lib/contracts/rest.ts';
import { AppError } from '#lib/errors/app-error.ts';
import type { z } from 'zod';

/** A page waits no longer than this for one answer. */
const ANSWER_MS = 5_000;

/**
 * Asks this page's own server for JSON under /api/v1. Answers are typed by the contract and not parsed again; failures become
 * AppError with the server's own sentence.
 */
export async function getJson<T>(path: string, signal: AbortSignal): Promise<T> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const response = await fetch(`/api/v1/${path}`, { signal: limit }).catch((cause: unknown) => {
    throw new AppError('http/unreachable', 'The server does not answer.', {}, cause);
  });
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T; // the server is typed by the same contract
  const failure = (body as z.infer<typeof restErrorSchema> | null)?.error; // REST's one shape of failure
  throw failure === undefined
    ? new AppError('http/unreachable', `The server answered ${response.status}.`)
    : new AppError(failure.code, failure.message);
}
