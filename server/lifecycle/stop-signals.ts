import type { EventEmitter } from 'node:events';
import type { Clock } from '#lib/time/instant.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Exit code of a process that a second Ctrl-C ended: 128 + SIGINT, as shells count. */
const INTERRUPTED = 130;
/** One Ctrl-C reaches us twice when npm stands between: from the terminal and from npm. Nobody presses it twice in this time, ms. */
const SAME_PRESS_MS = 150;

export interface StopSignals {
  /** Aborts at the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  release(): void;
}

/** Turns the first stop signal into an abort; the second one exits at once (LC4). `source` is the process but in tests. */
export function listenForStop(
  source: EventEmitter,
  exit: (code: number) => void,
  clock: Clock,
): StopSignals {
  const stopper = new AbortController();
  let askedAt = 0;
  const onSignal = () => {
    const now = clock.monotonic();
    if (!stopper.signal.aborted) {
      askedAt = now;
      stopper.abort();
    } else if (now - askedAt >= SAME_PRESS_MS) exit(INTERRUPTED);
  };
  for (const name of SIGNALS) source.on(name, onSignal);
  return {
    signal: stopper.signal,
    release: () => {
      for (const name of SIGNALS) source.off(name, onSignal);
    },
  };
}
