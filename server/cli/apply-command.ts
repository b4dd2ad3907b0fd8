import { applyReplySchema, type ApplyReply, type DefinitionChange } from '#lib/contracts/rest.ts';
import type { CommandContext, CommandResult } from './command-context.ts';
import { readDefinitionFiles } from './definition-files.ts';
import { EXIT } from './exit-code.ts';
import { RestClient } from './rest-client.ts';
import { columns, paint, type Paint, type Terminal } from './terminal.ts';

export interface ApplyOptions {
  readonly file: readonly string[];
  readonly set?: string;
  readonly dryRun?: boolean;
  readonly takeOver?: boolean;
  readonly prune?: boolean;
  readonly json?: boolean;
}

/** `freshet apply`: sends definition files to the hub and prints problems and the difference (CL2). */
export async function applyCommand(options: ApplyOptions, context: CommandContext): CommandResult {
  const client = RestClient.find(context.config());
  const files = await readDefinitionFiles(options.file, context.cwd);
  const request = {
    files,
    dryRun: options.dryRun ?? false,
    takeOver: options.takeOver ?? false,
    prune: options.prune ?? false,
    ...(options.set === undefined ? {} : { set: options.set }),
  };
  const reply = await client.post('api/v1/definitions', request, applyReplySchema);
  if (options.json === true) context.terminal.out(`${JSON.stringify(reply, null, 2)}\n`);
  else printReply(reply, request.dryRun, context.terminal);
  return reply.problems.some(({ severity }) => severity === 'error') ? EXIT.failed : EXIT.done;
}

function printReply(reply: ApplyReply, dryRun: boolean, terminal: Terminal): void {
  for (const { file, line, column, severity, message, fix } of reply.problems) {
    const place = paint(terminal, 'bold', `${file}:${line}:${column}`);
    const what = paint(
      terminal,
      severity === 'error' ? 'red' : 'yellow',
      severity === 'error' ? message : `warning: ${message}`,
    );
    terminal.err(`${place}  ${what}${fix === null ? '' : `  (${fix})`}\n`);
  }
  const shown = reply.changes.filter(({ action }) => action !== 'unchanged');
  const heads = columns(
    shown.map((change) => [
      SIGN[change.action],
      change.kind,
      change.name,
      ACTION[change.action](change),
    ]),
  );
  shown.forEach((change, i) => {
    terminal.out(`${paint(terminal, COLOUR[change.action], heads[i] ?? '')}\n`);
    if (!EXPLAINED.includes(change.action)) return;
    const lines = columns(
      change.differences.map(({ path, before, after }) => [
        `      ${path}`,
        `${before} → ${after}`,
      ]),
    );
    for (const line of lines) terminal.out(`${paint(terminal, 'dim', line)}\n`);
  });
  terminal.out(`${summary(reply, dryRun)}\n`);
}

type Action = DefinitionChange['action'];
/** What is new or gone as a whole needs no list of its fields. */
const EXPLAINED: readonly Action[] = ['new-version', 'update'];
const SIGN: Readonly<Record<Action, string>> = {
  create: '+',
  'new-version': '~',
  update: '~',
  unchanged: '=',
  delete: '-',
  skip: '=',
};
const COLOUR: Readonly<Record<Action, Paint>> = {
  create: 'green',
  'new-version': 'yellow',
  update: 'yellow',
  unchanged: 'dim',
  delete: 'red',
  skip: 'dim',
};
const version = (change: DefinitionChange): string =>
  change.version === null ? '' : ` ${change.version}`;
const ACTION: Readonly<Record<Action, (change: DefinitionChange) => string>> = {
  create: (change) => (change.version === null ? 'new' : `new, version${version(change)}`),
  'new-version': (change) => `version${version(change)}: its values are computed anew`,
  update: () => 'changed; values go on',
  unchanged: () => 'unchanged',
  delete: () => 'deleted',
  skip: () => 'left as it is',
};

const WORDS: readonly (readonly [Action, string])[] = [
  ['create', 'new'],
  ['new-version', 'with a new version'],
  ['update', 'changed'],
  ['delete', 'deleted'],
  ['skip', 'left as they are'],
  ['unchanged', 'unchanged'],
];

function summary(reply: ApplyReply, dryRun: boolean): string {
  const errors = reply.problems.filter(({ severity }) => severity === 'error').length;
  if (errors > 0)
    return `Nothing was applied: ${errors === 1 ? 'one problem' : `${errors} problems`}.`;
  const counts = WORDS.map(
    ([action, word]) => [reply.changes.filter((c) => c.action === action).length, word] as const,
  ).filter(([count]) => count > 0);
  const text =
    counts.length === 0
      ? 'no objects'
      : counts.map(([count, word]) => `${count} ${word}`).join(', ');
  if (dryRun) return `Dry run, nothing was changed: ${text}.`;
  return reply.applied ? `Applied: ${text}.` : `Nothing to apply: ${text}.`;
}
