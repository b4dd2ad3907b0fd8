import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '#lib/errors/app-error.ts';
import { epochMs, type MonoMs } from '#lib/time/instant.ts';
import { openLogger, type LogLevel, type OpenLogger } from '#server/telemetry/open-logger.ts';

const clock = { now: () => epochMs(1_800_000_000_000), monotonic: () => 0 as MonoMs };
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'freshet-log-'));
  file = join(folder, 'deep', 'log.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function written(write: (logger: OpenLogger) => void, level: LogLevel = 'info'): string[] {
  const logger = openLogger({ level, file, clock, facts: { role: 'hub' } });
  write(logger);
  logger.close();
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}

test('[TL1] a line is JSON with event, level and time first', () => {
  expect(written((logger) => logger.info('feed:opened', { port: 1, who: null }))).toEqual([
    '{"event":"feed:opened","level":"info","time":"2027-01-15T08:00:00.000Z","role":"hub","port":1,"who":null}',
  ]);
});

test('[TL1] lines below the level are left out', () => {
  const lines = written((logger) => {
    logger.debug('a:b');
    logger.info('a:c');
    logger.warn('a:d');
    logger.error('a:e');
  }, 'warn');
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(['a:d', 'a:e']);
});

test('[TL2] nothing named like a secret is written, however deep or inside a text', () => {
  const [line = ''] = written((logger) =>
    logger.error('a:b', {
      saslPassword: 'hunter2',
      headers: { Authorization: 'Bearer hunter2', 'set-cookie': ['hunter2'] },
      list: [{ api_key: 'hunter2', refreshToken: { value: 'hunter2' } }],
      text: 'connect to kafka://me:hunter2@host failed: password=hunter2; token: "hunter2", authorization: Bearer hunter2hunter2',
      bearer: 'sent Bearer hunter2hunter2',
      error: new Error('secret=hunter2', {
        cause: new AppError('internal', 'x', { password: 'hunter2' }),
      }),
    }),
  );
  expect(line).not.toContain('hunter2');
  expect(JSON.parse(line)).toMatchObject({ saslPassword: '[redacted]', event: 'a:b' });
});

test('[TL2] what is no secret stays readable', () => {
  const facts = { topic: 'shop.orders', offset: 12, text: 'took 3 ms: fine', none: undefined };
  const [line = ''] = written((logger) => logger.info('a:b', facts));
  expect(JSON.parse(line)).toMatchObject({
    topic: 'shop.orders',
    offset: 12,
    text: 'took 3 ms: fine',
  });
});

test('[TL3] whatever is handed in, a line comes out', () => {
  const circular: Record<string, unknown> = {
    big: 10n,
    bytes: Buffer.from('abc'),
    map: new Map([[1, 2]]),
  };
  circular['self'] = circular;
  let deep: Record<string, unknown> = { end: true };
  for (let i = 0; i < 50; i += 1) deep = { deep };
  const [line = ''] = written((logger) =>
    logger.info('a:b', { circular, deep, f: () => 1, at: new Date(0) }),
  );
  expect(JSON.parse(line)).toMatchObject({
    circular: { big: '10', bytes: '[3 bytes]', map: '[1 entries]', self: '[circular]' },
    at: '1970-01-01T00:00:00.000Z',
  });
});

test('[TL3] an error is written with its code, its facts and its causes', () => {
  const error = new AppError(
    'kafka/unreachable',
    'No answer.',
    { topic: 't' },
    new TypeError('socket'),
  );
  const [line = ''] = written((logger) => logger.warn('a:b', { error }));
  expect(JSON.parse(line).error).toMatchObject({
    code: 'kafka/unreachable',
    message: 'No answer.',
    details: { topic: 't' },
    cause: { name: 'TypeError', message: 'socket' },
  });
});
