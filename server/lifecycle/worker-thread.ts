import { parentPort, Worker, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { AppError, ERROR_CODES, type ErrorCode } from '#lib/errors/app-error.ts';

/** A thread that has not ended by then is terminated; it lies inside the deadline of the whole process. */
const TERMINATE_AFTER_MS = 2_500;

const failureSchema = z.object({
  failed: z.object({ code: z.enum(ERROR_CODES), message: z.string() }),
});

/**
 * Runs the module at `url` in a worker thread until `signal` aborts; the module calls `serveWorker`. Rejects with the AppError the thread ended with,
 * or with `internal` when it crashed; the thread is gone when this settles (LC7).
 */
export async function runWorker(url: URL, data: unknown, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const worker = new Worker(url, { workerData: data });
  let failure: AppError | null = null;
  worker.on('message', (message: unknown) => {
    const parsed = failureSchema.safeParse(message);
    if (parsed.success) failure = new AppError(parsed.data.failed.code, parsed.data.failed.message);
  });
  worker.on('error', (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    failure ??= new AppError('internal', `A worker thread crashed: ${reason}`, {}, error);
  });
  let terminating: NodeJS.Timeout | undefined;
  const stop = () => {
    worker.postMessage('stop');
    terminating = setTimeout(() => void worker.terminate(), TERMINATE_AFTER_MS);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(terminating);
  }
  if (failure !== null && !signal.aborted) throw failure;
}

/** The thread's side: runs `run` with the data handed to it until told to stop, and reports how it failed. Ends the thread. */
export async function serveWorker(
  run: (data: unknown, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const port = parentPort;
  if (port === null) throw new AppError('internal', 'This module runs in a worker thread only.');
  const stopper = new AbortController();
  port.on('message', () => stopper.abort());
  try {
    await run(workerData, stopper.signal);
  } catch (error) {
    const code: ErrorCode = error instanceof AppError ? error.code : 'internal';
    const message = error instanceof Error ? error.message : String(error);
    port.postMessage({ failed: { code, message } });
  } finally {
    port.close();
  }
}
