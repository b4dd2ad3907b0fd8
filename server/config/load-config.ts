import { resolve } from 'node:path';
import { z } from 'zod';
import { isLoopback } from '#lib/access/origin.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { suggestion } from '#lib/expressions/nearest.ts';
import { FAILPOINTS, type FailpointName } from '#server/ports/failpoint.ts';

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);

const failpoint = z.string().transform((text, context) => {
  const [name = '', count = ''] = text.split(':');
  const known = FAILPOINTS.find((candidate) => candidate === name);
  if (known === undefined || !/^[1-9]\d{0,8}$/.test(count)) {
    context.addIssue({
      code: 'custom',
      message: `expected <name>:<count>, the name one of ${FAILPOINTS.join(', ')}`,
    });
    return z.NEVER;
  }
  return { name: known, at: Number(count) };
});

/** One line per variable: this object is the only list of settings, and README's table is generated from it. */
export const envSchema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'expected a port, 0 to 65535')
    .transform(Number)
    .pipe(z.number().max(65_535, 'expected a port, 0 to 65535'))
    .optional()
    .describe('HTTP and WebSocket port. Not given: 3000, or the next free one. 0: any free one.'),
  HOST: z
    .string()
    .refine(
      isLoopback,
      'expected a loopback address (127.0.0.1, ::1, localhost): Freshet serves other addresses only once sign-in exists',
    )
    .default('127.0.0.1')
    .describe('Address to listen on; loopback only, until there is sign-in.'),
  KAFKA_BROKERS: list
    .pipe(
      z
        .array(z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/, 'expected host:port'))
        .min(1, 'expected at least one host:port'),
    )
    .optional()
    .describe(
      'Brokers of the cluster to use, `host:port`, comma separated. Not given: the embedded broker.',
    ),
  KAFKA_HOME: z
    .string()
    .min(1)
    .optional()
    .describe(
      'An unpacked Apache Kafka whose jars the embedded broker runs. Not given: Maven resolves them.',
    ),
  JAVA_HOME: z
    .string()
    .min(1)
    .optional()
    .describe('Java of the embedded broker, 17 or newer. Not given: `java` on the path.'),
  FRESHET_DATA: z
    .string()
    .min(1, 'expected a folder')
    .default('.freshet')
    .describe('Folder of everything Freshet keeps: stores, the embedded broker, logs.'),
  FRESHET_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, 'expected letters, digits, ., _ or -')
    .default('freshet.')
    .describe("Prefix of Freshet's own topics."),
  FRESHET_URL: z
    .url({ protocol: /^https?$/, error: 'expected an http or https address' })
    .optional()
    .describe(
      'Where the command line finds the hub. Not given: the address the hub left in `FRESHET_DATA`.',
    ),
  FRESHET_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least severe log line written: debug, info, warn or error.'),
  FRESHET_LOG_FILE: z
    .string()
    .min(1, 'expected a file')
    .optional()
    .describe(
      'File for the log lines (JSON). Not given: standard error for `start`, `logs/freshet.log` in `FRESHET_DATA` for `demo`.',
    ),
  FRESHET_BUILD: z
    .string()
    .regex(/^[\w.+-]{1,80}$/, 'expected letters, digits, ., _, + or -')
    .optional()
    .describe('Name of this build in metric records. Not given: the version.'),
  FRESHET_FAILPOINT: failpoint
    .optional()
    .describe('For crash tests: `<name>:<count>` kills the process at the count-th passing.'),
});

/** Settings of one process. Plain data, so that it can be handed to a worker thread. */
export interface Config {
  readonly http: {
    readonly host: string;
    /** Null: 3000 or the next free one. */
    readonly port: number | null;
  };
  /** Null: the embedded broker. */
  readonly brokers: readonly string[] | null;
  /** Null: Maven's jars, `java` on the path. */
  readonly kafkaHome: string | null;
  readonly javaHome: string | null;
  /** Absolute. */
  readonly dataDir: string;
  readonly prefix: string;
  /** Where the command line finds the hub; null: what the hub left in `dataDir`. */
  readonly url: string | null;
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    /** Absolute; null: the command decides. */
    readonly file: string | null;
  };
  /** Null: the version. */
  readonly build: string | null;
  readonly failpoint: { readonly name: FailpointName; readonly at: number } | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that begin like ours and are not: a misspelt one would else be ignored in silence. */
function unknownNames(env: Environment): string[] {
  const known = Object.keys(envSchema.shape).filter((name) => name.startsWith('FRESHET_'));
  return Object.keys(env)
    .filter((name) => name.startsWith('FRESHET_') && !known.includes(name))
    .sort()
    .map((name) => {
      const tip = suggestion(name, known);
      return `  ${name}: no such setting${tip === null ? '' : `; ${tip}`}`;
    });
}

/**
 * Reads the environment once, at start, and says everything that is wrong with it: names and reasons, never values, because a
 * rejected value may be a secret (CF1). An empty variable counts as not given. Nothing else in the code reads `process.env`.
 */
export function loadConfig(env: Environment, cwd: string): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = envSchema.safeParse(given);
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => `  ${String(issue.path[0])}: ${issue.message}`),
    ...unknownNames(given),
  ];
  if (!parsed.success || problems.length > 0)
    throw new AppError(
      'config/invalid',
      `These settings in the environment are wrong:\n${problems.join('\n')}`,
    );
  const e = parsed.data;
  return Object.freeze({
    http: { host: e.HOST, port: e.PORT ?? null },
    brokers: e.KAFKA_BROKERS ?? null,
    kafkaHome: e.KAFKA_HOME ?? null,
    javaHome: e.JAVA_HOME ?? null,
    dataDir: resolve(cwd, e.FRESHET_DATA),
    prefix: e.FRESHET_PREFIX,
    url: e.FRESHET_URL ?? null,
    log: {
      level: e.FRESHET_LOG_LEVEL,
      file: e.FRESHET_LOG_FILE === undefined ? null : resolve(cwd, e.FRESHET_LOG_FILE),
    },
    build: e.FRESHET_BUILD ?? null,
    failpoint: e.FRESHET_FAILPOINT ?? null,
  });
}
