import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { shopCommandSchema } from '#lib/contracts/rest.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { loadConfig } from '#server/config/load-config.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';
import { applyCommand, type ApplyOptions } from './apply-command.ts';
import type { CommandContext } from './command-context.ts';
import { demoCommand, type DemoOptions } from './demo-command.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';
import { projectVersion } from './project-version.ts';
import { shopCommand } from './shop-command.ts';
import { startCommand, type StartOptions } from './start-command.ts';
import { statusCommand } from './status-command.ts';
import { paint } from './terminal.ts';
import { valuesCommand, type ValuesOptions } from './values-command.ts';

/** Something left open may not keep a finished command alive. */
const EXIT_AFTER_MS = 500;

/** Runs the command line of this process: reads argv and environment, sets the exit code. */
export async function runAsProcess(): Promise<void> {
  const { env, stdout, stderr } = process;
  const noColour = (env['NO_COLOR'] ?? '') !== '';
  const argv = process.argv.slice(2);
  // Read by Next and React when they are loaded: which of their two builds, and no word to their makers.
  const mode = argv.includes('--dev') ? 'development' : 'production';
  Object.assign(env, { NODE_ENV: mode, NEXT_TELEMETRY_DISABLED: '1' });
  process.exitCode = await run(argv, {
    terminal: {
      out: (text) => void stdout.write(text),
      err: (text) => void stderr.write(text),
      colour: stdout.isTTY === true && !noColour,
      interactive: stderr.isTTY === true && env['TERM'] !== 'dumb',
    },
    clock: systemClock,
    cwd: process.cwd(),
    env,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    config: () => loadConfig(env, process.cwd()),
  });
  setTimeout(() => process.exit(), EXIT_AFTER_MS).unref();
}

/** Runs one command and returns its exit code (CL4); every failure has been said by then. */
export async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const { terminal } = context;
  let code: number = EXIT.done;
  const program = describeProgram(context, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (!(error instanceof AppError)) throw error;
    terminal.err(`${paint(terminal, 'red', error.message)}\n`);
    return exitCodeOf(error);
  }
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

function collectWhere(
  text: string,
  before: readonly (readonly [string, string])[] = [],
): (readonly [string, string])[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('expected dimension=value, such as region=north');
  return [...before, [text.slice(0, at), text.slice(at + 1)]];
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (!/^\d+$/.test(text) || rate < 1 || rate > 20_000)
    throw new InvalidArgumentError('expected events per second, 1 to 20000');
  return rate;
}

function describeProgram(context: CommandContext, done: (code: number) => void): Command {
  const { out, err } = context.terminal;
  const program = new Command('freshet')
    .description('Live business metrics from Kafka, where every number proves how fresh it is.')
    .version(projectVersion(), '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
    .showSuggestionAfterError()
    .helpCommand(false);
  const json = () => new Option('--json', 'print JSON');
  const describe = (command: Command) =>
    command.exitOverride().configureOutput({ writeOut: out, writeErr: err });

  describe(program.command('demo'))
    .description('run everything with an embedded Kafka and a shop that produces events')
    .option('--fresh', 'start over: delete the data of earlier runs')
    .option('--rate <events>', 'events per second of the shop (default 200)', parseRate)
    .option('--allow-external', 'let the demo create its topics in the cluster of KAFKA_BROKERS')
    .action(async (options: DemoOptions) => done(await demoCommand(options, context)));

  describe(program.command('start'))
    .description('run Freshet on the cluster of KAFKA_BROKERS, or on an embedded Kafka')
    .addOption(
      new Option('--role <role>', 'what this process does')
        .choices(['all', 'hub', 'compute'])
        .default('all'),
    )
    .option('--dev', 'compile the pages on request and reload them on change')
    .option('--with-parent', 'end when standard input ends')
    .action(async (options: StartOptions) => done(await startCommand(options, context)));

  describe(program.command('apply'))
    .description('apply definition files to the running hub')
    .requiredOption(
      '-f, --file <path>',
      'file or folder with definitions; may be repeated',
      collect,
    )
    .option('--dry-run', 'print the difference and change nothing')
    .option('--set <name>', 'apply set that manages the objects (default "default")')
    .option('--take-over', 'manage objects that another set or the UI manages')
    .option('--prune', 'delete objects of this set that the files no longer contain')
    .addOption(json())
    .action(async (options: ApplyOptions) => done(await applyCommand(options, context)));

  describe(program.command('values <metric>'))
    .description('print the values of a metric')
    .option('--from <instant>', 'first window start: an instant, or a time ago such as 15m')
    .option('--to <instant>', 'end of the span, like --from')
    .option('--where <dim=value>', 'one series only; may be repeated', collectWhere)
    .addOption(json())
    .action(async (metric: string, options: ValuesOptions) =>
      done(await valuesCommand(metric, options, context)),
    );

  describe(program.command('shop <action> [what]'))
    .description(
      'make something go wrong in the demo: fail <provider>, quiet <stream>, recover [what], status',
    )
    .addOption(json())
    .action(async (action: string, what: string | undefined, options: { json?: boolean }) => {
      const command = shopCommandSchema.safeParse(
        what === undefined ? { action } : { action, what },
      );
      const incomplete = what === undefined && (action === 'fail' || action === 'quiet');
      if (!command.success || incomplete)
        program.error(
          incomplete
            ? `error: say what: freshet shop ${action} ${action === 'fail' ? '<provider>' : '<stream>'}`
            : 'error: the shop knows fail <provider>, quiet <stream>, recover [what] and status',
        );
      else done(await shopCommand(command.data, options, context));
    });

  describe(program.command('status'))
    .description('print what runs and whether its cluster answers')
    .addOption(json())
    .action(async (options: { json?: boolean }) => done(await statusCommand(options, context)));

  return program;
}
