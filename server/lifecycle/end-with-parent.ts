import type { Readable } from 'node:stream';

/** A child that has not stopped by then exits on the spot; below the 5 s in which everything must be gone. */
const EXIT_AFTER_MS = 3_000;

/**
 * For a child process: calls `stop` once its standard input reaches end-of-file, which the kernel brings about when the parent is gone, however it
 * went, and exits when stopping takes too long (LC5). The parent holds the other end as a pipe and never closes it but to end the child.
 */
export function endWithParent(stdin: Readable, stop: () => void): void {
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    stop();
    setTimeout(() => process.exit(1), EXIT_AFTER_MS).unref();
  };
  stdin.on('end', end);
  stdin.on('close', end);
  stdin.on('error', end);
  stdin.resume();
}
