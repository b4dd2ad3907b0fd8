import { statusSchema } from '#lib/contracts/rest.ts';
import type { CommandContext, CommandResult } from './command-context.ts';
import { EXIT } from './exit-code.ts';
import { RestClient } from './rest-client.ts';
import { columns } from './terminal.ts';

/** `freshet status`: what runs, on which cluster, and whether it answers; 1 when the cluster does not. */
export async function statusCommand(
  options: { readonly json?: boolean },
  { terminal, config }: CommandContext,
): CommandResult {
  const status = await RestClient.find(config()).get('api/v1/status', statusSchema);
  const { cluster } = status;
  if (options.json === true) terminal.out(`${JSON.stringify(status, null, 2)}\n`);
  else
    for (const line of columns([
      ['version', `${status.version}, Node ${status.node}`],
      ['role', `${status.role}${status.demo ? ', with the demo shop' : ''}`],
      ['instance', status.instance],
      [
        'cluster',
        `${status.brokers.join(', ')}: ${cluster.reachable ? 'answers' : 'does not answer'}`,
      ],
      ['clock', `known to ± ${cluster.clockErrorMs.toFixed(1)} ms`],
      ['topics', `${status.prefix}*`],
      ['metrics', String(status.metrics)],
      ['boards', String(status.boards)],
      ['screens', String(status.screens)],
      [
        'values',
        `${status.counts.values} read, ${status.counts.fenced} fenced, ${status.counts.invalid} invalid`,
      ],
    ]))
      terminal.out(`${line}\n`);
  return cluster.reachable ? EXIT.done : EXIT.failed;
}
