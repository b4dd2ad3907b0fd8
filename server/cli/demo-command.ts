import type { CommandContext, CommandResult } from './command-context.ts';
import { projectVersion } from './project-version.ts';

export interface DemoOptions {
  readonly fresh?: boolean;
  /** Events per second. */
  readonly rate?: number;
  readonly allowExternal?: boolean;
}

/** Enough that every panel moves, little enough for a laptop's battery. */
const RATE = 200;

/** `freshet demo`: everything in one go, with progress on the terminal. */
export async function demoCommand(options: DemoOptions, context: CommandContext): CommandResult {
  const config = context.config();
  const { start } = await import('#server/main.ts');
  return start({
    config,
    context,
    role: 'all',
    dev: false,
    withParent: false,
    version: projectVersion(),
    demo: {
      fresh: options.fresh ?? false,
      rate: options.rate ?? RATE,
      allowExternal: options.allowExternal ?? false,
    },
  });
}
