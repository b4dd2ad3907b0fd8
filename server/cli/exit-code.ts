import { AppError } from '#lib/errors/app-error.ts';

/** Exit codes of every command (CL4). 78 is EX_CONFIG of sysexits.h. */
export const EXIT = { done: 0, failed: 1, usage: 2, settings: 78 } as const;

export const exitCodeOf = (error: unknown): number =>
  error instanceof AppError && error.code === 'config/invalid' ? EXIT.settings : EXIT.failed;
