import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { destination as openDestination, pino } from 'pino';
import type { Clock } from '#lib/time/instant.ts';
import type { Logger } from '#server/ports/logger.ts';
import { redact } from '#server/telemetry/redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerParts {
  readonly level: LogLevel;
  /** A file's path, appended to; null is standard error. */
  readonly file: string | null;
  readonly clock: Clock;
  /** On every line: role, instance. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export interface OpenLogger extends Logger {
  /** Everything is written when it returns. */
  close(): void;
}

const STDERR = 2;
/** What pino puts first. Ours reads `event` first, because that is what an eye or a grep looks for. */
const HEAD = /^\{("level":"\w+","time":"[^"]*"),("event":"(?:[^"\\]|\\.)*")/;

/**
 * Writes one JSON line per call: event, level, time (this machine's wall clock, UTC), then the facts (TL1). Lines are written before the call returns, so
 * that the last ones of a crash are there. Logging never throws: a fact that cannot be printed is replaced.
 */
export function openLogger({ level, file, clock, facts = {} }: LoggerParts): OpenLogger {
  if (file !== null) mkdirSync(dirname(file), { recursive: true });
  const out = openDestination({ dest: file ?? STDERR, sync: true });
  // A reader of our standard error that went away (`| head`) is no reason to die.
  out.on('error', () => {});
  const lines = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => line.replace(HEAD, '{$2,$1') },
    },
    out,
  );
  const always = redact(facts);
  const at =
    (name: Exclude<LogLevel, 'silent'>) =>
    (event: string, more: Readonly<Record<string, unknown>> = {}) => {
      if (lines.isLevelEnabled(name)) lines[name]({ event, ...always, ...redact(more) });
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    close: () => {
      out.flushSync();
      if (file !== null) out.end();
    },
  };
}
