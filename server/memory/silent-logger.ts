import type { Logger } from '#server/ports/logger.ts';

export interface LoggedLine {
  readonly level: keyof Logger;
  readonly event: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A logger that keeps its lines for a test to look at. */
export class SilentLogger implements Logger {
  readonly lines: LoggedLine[] = [];
  debug = this.#keep('debug');
  info = this.#keep('info');
  warn = this.#keep('warn');
  error = this.#keep('error');

  #keep(level: keyof Logger) {
    return (event: string, facts: Readonly<Record<string, unknown>> = {}) => {
      this.lines.push({ level, event, facts });
    };
  }
}
