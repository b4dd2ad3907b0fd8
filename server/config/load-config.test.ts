import { describe, expect, test } from 'vitest';
import { AppError } from '#lib/errors/app-error.ts';
import { loadConfig } from './load-config.ts';
import { settingsTable } from './settings-table.ts';

const failure = (env: Record<string, string>): AppError => {
  try {
    loadConfig(env, '/somewhere');
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('expected loadConfig to refuse');
};

describe('settings', () => {
  test('[CF2] an empty environment gives loopback, the embedded broker and the folder .freshet', () => {
    expect(loadConfig({}, '/somewhere')).toEqual({
      http: { host: '127.0.0.1', port: null },
      brokers: null,
      kafkaHome: null,
      javaHome: null,
      dataDir: '/somewhere/.freshet',
      prefix: 'freshet.',
      url: null,
      log: { level: 'info', file: null },
      build: null,
      failpoint: null,
    });
  });

  test('reads every setting', () => {
    const config = loadConfig(
      {
        PORT: '0',
        HOST: 'localhost',
        KAFKA_BROKERS: 'a.example:9092, [::1]:9093',
        KAFKA_HOME: '/opt/kafka',
        JAVA_HOME: '/opt/java',
        FRESHET_DATA: '/data',
        FRESHET_PREFIX: 'team.',
        FRESHET_URL: 'http://127.0.0.1:4000',
        FRESHET_LOG_LEVEL: 'debug',
        FRESHET_LOG_FILE: 'x.log',
        FRESHET_BUILD: '1.2.3+abc',
        FRESHET_FAILPOINT: 'compute/acknowledged:3',
      },
      '/somewhere',
    );
    expect(config).toEqual({
      http: { host: 'localhost', port: 0 },
      brokers: ['a.example:9092', '[::1]:9093'],
      kafkaHome: '/opt/kafka',
      javaHome: '/opt/java',
      dataDir: '/data',
      prefix: 'team.',
      url: 'http://127.0.0.1:4000',
      log: { level: 'debug', file: '/somewhere/x.log' },
      build: '1.2.3+abc',
      failpoint: { name: 'compute/acknowledged', at: 3 },
    });
  });

  test('an empty variable counts as not given', () => {
    expect(loadConfig({ PORT: '', KAFKA_BROKERS: '' }, '/')).toMatchObject({
      http: { port: null },
      brokers: null,
    });
  });

  test('[CF1] names every wrong setting at once and echoes no value', () => {
    const error = failure({
      PORT: '70000',
      KAFKA_BROKERS: 'hunter2',
      FRESHET_LOG_LEVEL: 'hunter2',
      FRESHET_FAILPOINT: 'hunter2:1',
      FRESHET_URL: 'hunter2',
    });
    expect(error.code).toBe('config/invalid');
    for (const name of [
      'PORT',
      'KAFKA_BROKERS',
      'FRESHET_LOG_LEVEL',
      'FRESHET_FAILPOINT',
      'FRESHET_URL',
    ])
      expect(error.message).toContain(`${name}: `);
    expect(error.message).not.toContain('hunter2');
    expect(error.message).not.toContain('70000');
  });

  test('[CF3] an unknown FRESHET_ variable is an error that names the nearest one', () => {
    expect(failure({ FRESHET_DAT: 'x' }).message).toContain(
      'FRESHET_DAT: no such setting; did you mean `FRESHET_DATA`?',
    );
    expect(failure({ FRESHET_SOMETHING_ELSE: 'x' }).message).toContain(
      'FRESHET_SOMETHING_ELSE: no such setting',
    );
  });

  test('[CF5] an address beyond loopback is refused', () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.4', 'example.org', '127.example.org'])
      expect(failure({ HOST: host }).message).toContain('HOST: expected a loopback address');
    for (const host of ['127.0.0.1', '127.0.0.9', '::1', 'localhost'])
      expect(loadConfig({ HOST: host }, '/').http.host).toBe(host);
  });
});

test('[CF4] the table of settings has a row with a description for each', () => {
  const rows = settingsTable().split('\n').slice(2);
  expect(rows).toContainEqual(
    "| `FRESHET_PREFIX` | `freshet.` | Prefix of Freshet's own topics. |",
  );
  for (const row of rows) expect(row).toMatch(/^\| `[A-Z_]+` \| (`[^`]+`)? ?\| .{20,} \|$/);
  expect(rows.length).toBeGreaterThanOrEqual(10);
});
