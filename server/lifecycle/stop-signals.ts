import type { EventEmitter } from 'node:events';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Exit code of a process that a second Ctrl-C ended: 128 + SIGINT, as shells count. */
const INTERRUPTED = 130;

export interface StopSignals {
  /** Aborts at the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  release(): void;
}

/** Turns the first stop signal into an abort; the second one exits at once (LC4). `source` is the process but in tests. */
export function listenForStop(source: EventEmitter, exit: (code: number) => void): StopSignals {
  const stopper = new AbortController();
  const onSignal = () => {
    if (stopper.signal.aborted) exit(INTERRUPTED);
    else stopper.abort();
  };
  for (const name of SIGNALS) source.on(name, onSignal);
  return {
    signal: stopper.signal,
    release: () => {
      for (const name of SIGNALS) source.off(name, onSignal);
    },
  };
}
