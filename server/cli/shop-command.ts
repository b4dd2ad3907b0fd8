import { shopReplySchema, type ShopCommand } from '#lib/contracts/rest.ts';
import type { CommandContext, CommandResult } from './command-context.ts';
import { EXIT } from './exit-code.ts';
import { RestClient } from './rest-client.ts';

/** `freshet shop`: makes something go wrong in the demo's shop, or well again (SH7). */
export async function shopCommand(
  command: ShopCommand,
  options: { readonly json?: boolean },
  { terminal, config }: CommandContext,
): CommandResult {
  const reply = await RestClient.find(config()).post('api/v1/demo/shop', command, shopReplySchema);
  if (options.json === true) terminal.out(`${JSON.stringify(reply, null, 2)}\n`);
  else (reply.ok ? terminal.out : terminal.err)(`${reply.message}\n`);
  return reply.ok ? EXIT.done : EXIT.failed;
}
