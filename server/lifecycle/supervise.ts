import { AppError, isRetryable } from '#lib/errors/app-error.ts';
import type { Clock } from '#lib/time/instant.ts';
import type { Logger } from '#server/ports/logger.ts';
import { pause } from './pause.ts';

/** A long-running part: settles when `signal` aborts or when it cannot go on. */
export type Run = (signal: AbortSignal) => Promise<void>;

export interface Supervision {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Delay before the first restart and the longest one, ms. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
  /** False: the failure is final and `supervise` rejects with it. Default: everything may, but errors that are not retryable. */
  readonly mayRestart?: (error: unknown) => boolean;
  /** Told of every end that is followed by a restart. */
  readonly onRestart?: (error: unknown, delayMs: number) => void;
}

const BACKOFF = { firstMs: 200, maxMs: 10_000 };
/** Delays from which on a restart is a warning, and an error: a part that comes back at once is routine. */
const WARN_FROM_MS = 400;
const ERROR_FROM_MS = 3_000;

/** A crash of ours is tried again as well: only a failure that is known to be final is not. */
const mayPass = (error: unknown): boolean => !(error instanceof AppError) || isRetryable(error);

/**
 * Runs a part again whenever it ends before `signal` aborts; resolves after the abort (LC1). The delay doubles from one end to the next and starts
 * over once the part has run for as long as the longest delay; the log level rises with it (LC2).
 */
export async function supervise(
  name: string,
  run: Run,
  signal: AbortSignal,
  supervision: Supervision,
): Promise<void> {
  const { clock, logger, onRestart } = supervision;
  const { firstMs, maxMs } = supervision.backoff ?? BACKOFF;
  const mayRestart = supervision.mayRestart ?? mayPass;
  let delayMs = firstMs;
  while (!signal.aborted) {
    const startedAt = clock.monotonic();
    let failure: unknown;
    try {
      await run(signal);
      failure = new AppError('internal', `${name} ended by itself.`);
    } catch (error) {
      failure = error;
    }
    if (signal.aborted) return;
    if (!mayRestart(failure)) throw failure;
    if (clock.monotonic() - startedAt >= maxMs) delayMs = firstMs;
    const level = delayMs >= ERROR_FROM_MS ? 'error' : delayMs >= WARN_FROM_MS ? 'warn' : 'info';
    logger[level]('part:restart', { part: name, delayMs, ...describe(failure) });
    onRestart?.(failure, delayMs);
    await pause(delayMs, signal);
    delayMs = Math.min(maxMs, delayMs * 2);
  }
}

function describe(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof AppError) return { code: error.code, reason: error.message };
  return { code: 'internal', reason: error instanceof Error ? error.message : String(error) };
}
