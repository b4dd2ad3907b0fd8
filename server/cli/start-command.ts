import type { Role } from '#server/main.ts';
import type { CommandContext, CommandResult } from './command-context.ts';
import { projectVersion } from './project-version.ts';

export interface StartOptions {
  readonly role: Role;
  readonly dev?: boolean;
  /** Set by whoever starts this as a child. */
  readonly withParent?: boolean;
}

/** `freshet start`: runs a role until it is told to stop. */
export async function startCommand(options: StartOptions, context: CommandContext): CommandResult {
  const config = context.config();
  // Loaded here, so that the small commands start without Next and KafkaJS.
  const { start } = await import('#server/main.ts');
  return start({
    config,
    context,
    role: options.role,
    dev: options.dev ?? false,
    withParent: options.withParent ?? false,
    version: projectVersion(),
    demo: null,
  });
}
