import type { Clock } from '#lib/time/instant.ts';
import type { Config } from '#server/config/load-config.ts';
import type { Terminal } from './terminal.ts';

/** What a command gets. Settings are read when a command asks, so that `--help` works with wrong ones. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly cwd: string;
  /** For child processes; settings come from `config`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** IANA name of the zone in which instants are printed. */
  readonly zone: string;
  /** Throws `config/invalid`. */
  readonly config: () => Config;
}

/** Does the work and says how it ended; throws AppError with a sentence for people. */
export type CommandResult = Promise<number>;
