import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApplyReply, ShopReply, Status, ValuesReply, Why } from '#lib/contracts/rest.ts';
import { epochMs } from '#lib/time/instant.ts';
import { loadConfig } from '#server/config/load-config.ts';
import { leaveHubAddress } from '#server/lifecycle/hub-address.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';
import { run } from './run.ts';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

/** A hub that answers every request with the reply it was given, and remembers what it was asked. */
class ScriptedHub {
  readonly asked: Asked[] = [];
  status = 200;
  reply: unknown = null;
  /** What a metric's freshness is answered with. */
  why: unknown = null;
  readonly #server: Server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body: unknown = text === '' ? null : JSON.parse(text);
    this.asked.push({ method: request.method ?? '', url: request.url ?? '', body });
    response.writeHead(this.status, { 'content-type': 'application/json' });
    const isWhy = request.url?.endsWith('/freshness') === true;
    response.end(JSON.stringify(isWhy ? this.why : this.reply));
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let folder = '';
let url = '';
let hub: ScriptedHub;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'freshet-cli-'));
  hub = new ScriptedHub();
  url = await hub.open();
});
afterEach(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

const NOW = Date.UTC(2026, 2, 1, 14, 3, 12);

async function freshet(
  argv: readonly string[],
  settings: { env?: Record<string, string>; colour?: boolean } = {},
) {
  let out = '';
  let err = '';
  const code = await run(argv, {
    terminal: {
      out: (text) => (out += text),
      err: (text) => (err += text),
      colour: settings.colour ?? false,
      interactive: false,
    },
    clock: { ...systemClock, now: () => epochMs(NOW) },
    cwd: folder,
    env: {},
    zone: 'UTC',
    config: () => loadConfig(settings.env ?? { FRESHET_URL: url, FRESHET_DATA: folder }, folder),
  });
  return { code, out, err };
}

describe('the command line', () => {
  test('[CL4] help and version end with 0, wrong usage with 2, wrong settings with 78', async () => {
    const help = await freshet(['--help']);
    expect(help.code).toBe(0);
    for (const command of ['demo', 'start', 'apply', 'values', 'shop', 'status'])
      expect(help.out).toContain(`  ${command} `);
    expect(await freshet(['--version'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    const misspelt = await freshet(['aply']);
    expect(misspelt.code).toBe(2);
    expect(misspelt.err).toContain('Did you mean apply?');
    expect((await freshet(['apply'])).code).toBe(2);
    expect((await freshet(['shop', 'burn', 'stripe'])).code).toBe(2);
    expect((await freshet(['shop', 'fail'])).code).toBe(2);
    expect((await freshet(['demo', '--rate', 'many'])).code).toBe(2);
    const settings = await freshet(['status'], { env: { FRESHET_UR: 'x' } });
    expect(settings.code).toBe(78);
    expect(settings.err).toContain('did you mean `FRESHET_URL`?');
  });

  test('[CL1] finds the hub by the address it left, and says how to start one', async () => {
    const none = await freshet(['status'], { env: { FRESHET_DATA: folder } });
    expect(none.code).toBe(1);
    expect(none.err).toContain(`No Freshet is running with the data in ${folder}.`);
    expect(none.err).toContain('npx freshet demo');

    leaveHubAddress(folder, { url, pid: 1, startedAt: 1 });
    hub.reply = SHOP_REPLY;
    expect(
      await freshet(['shop', 'fail', 'stripe'], { env: { FRESHET_DATA: folder } }),
    ).toMatchObject({ code: 0, out: 'It fails.\n' });

    await hub.close();
    const gone = await freshet(['status'], { env: { FRESHET_DATA: folder } });
    expect(gone.code).toBe(1);
    expect(gone.err).toContain(`No Freshet answers at ${url}/.`);
  });

  test('[CL1] the sentence of a refusal is printed as it came', async () => {
    hub.status = 404;
    hub.reply = {
      error: { code: 'http/not-found', message: 'There is no metric "x".', retryable: false },
    };
    expect(await freshet(['values', 'x'])).toEqual({
      code: 1,
      out: '',
      err: 'There is no metric "x".\n',
    });
    hub.status = 200;
    hub.reply = { hello: 1 };
    expect((await freshet(['values', 'x'])).err).toContain('is not a Freshet of this version');
  });
});

describe('apply', () => {
  const reply: ApplyReply = {
    applied: true,
    changes: [
      { kind: 'Stream', name: 'orders', action: 'unchanged', version: null, differences: [] },
      {
        kind: 'Board',
        name: 'shop',
        action: 'create',
        version: null,
        differences: [{ path: 'spec.zone', before: '(absent)', after: 'UTC' }],
      },
      {
        kind: 'Metric',
        name: 'orders_per_minute',
        action: 'new-version',
        version: '2-0123456789ab',
        differences: [{ path: 'spec.window.size', before: '1m', after: '5m' }],
      },
    ],
    problems: [],
  };

  test('[CL2] sends all files of a folder under names relative to where it runs, and prints the difference', async () => {
    mkdirSync(join(folder, 'metrics', 'deep'), { recursive: true });
    writeFileSync(join(folder, 'metrics', 'b.yaml'), 'b: 1\n');
    writeFileSync(join(folder, 'metrics', 'deep', 'a.yml'), 'a: 1\n');
    writeFileSync(join(folder, 'metrics', 'notes.md'), 'no\n');
    hub.reply = reply;
    const { code, out } = await freshet(['apply', '-f', 'metrics', '--set', 'team', '--prune']);
    expect(code).toBe(0);
    expect(hub.asked).toEqual([
      {
        method: 'POST',
        url: '/api/v1/definitions',
        body: {
          files: [
            { name: 'metrics/b.yaml', text: 'b: 1\n' },
            { name: 'metrics/deep/a.yml', text: 'a: 1\n' },
          ],
          dryRun: false,
          takeOver: false,
          prune: true,
          set: 'team',
        },
      },
    ]);
    expect(out).toBe(
      [
        '+  Board   shop               new',
        '~  Metric  orders_per_minute  version 2-0123456789ab: its values are computed anew',
        '      spec.window.size  1m → 5m',
        'Applied: 1 new, 1 with a new version, 1 unchanged.',
        '',
      ].join('\n'),
    );
  });

  test('[CL2] prints each problem with file, line, column and fix, and ends with 1', async () => {
    writeFileSync(join(folder, 'm.yaml'), 'x: 1\n');
    hub.status = 422;
    hub.reply = {
      applied: false,
      changes: [],
      problems: [
        {
          file: 'm.yaml',
          line: 12,
          column: 5,
          path: 'spec.measure',
          severity: 'error',
          message: 'unknown field `amout`',
          fix: 'did you mean `amount`?',
        },
      ],
    } satisfies ApplyReply;
    expect(await freshet(['apply', '-f', 'm.yaml', '--dry-run'])).toEqual({
      code: 1,
      out: 'Nothing was applied: one problem.\n',
      err: 'm.yaml:12:5  unknown field `amout`  (did you mean `amount`?)\n',
    });
    const json = await freshet(['apply', '-f', 'm.yaml', '--json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toEqual(hub.reply);
  });

  test('[CL5] colours are for terminals only', async () => {
    writeFileSync(join(folder, 'm.yaml'), 'x: 1\n');
    hub.reply = reply;
    expect((await freshet(['apply', '-f', 'm.yaml'])).out).not.toContain('\u001b');
    expect((await freshet(['apply', '-f', 'm.yaml'], { colour: true })).out).toContain(
      '\u001b[32m',
    );
  });

  test('[CL2] a path that is not there is named before anything is sent', async () => {
    expect(await freshet(['apply', '-f', 'nowhere'])).toEqual({
      code: 1,
      out: '',
      err: 'There is no file or folder nowhere.\n',
    });
    expect(hub.asked).toEqual([]);
  });
});

describe('values', () => {
  const minute = (at: number) => ({ start: epochMs(at), end: epochMs(at + 60_000) });
  const reply: ValuesReply = {
    metric: 'orders_per_minute',
    version: '1-0123456789ab',
    unit: 'orders',
    facts: {
      frontier: epochMs(NOW - 1_200),
      closing: epochMs(NOW),
      clockErrorMs: 0,
      phase: { kind: 'running' },
      unanswered: null,
      blocked: null,
      appliedAt: epochMs(NOW - 1_500),
      heardAt: epochMs(NOW - 300),
      quietAfterMs: 60_000,
      targetMs: 30_000,
      stopTrustingMs: null,
      lagRecords: 0,
      problem: null,
    },
    clusterNow: NOW,
    truncated: false,
    values: [
      {
        dims: { region: 'north' },
        window: minute(Date.UTC(2026, 2, 1, 14, 1)),
        value: 7,
        reason: null,
        parts: null,
        partial: true,
        late: 2,
        inputs: null,
      },
      {
        dims: { region: 'south' },
        window: minute(Date.UTC(2026, 2, 1, 14, 2)),
        value: '12.50',
        reason: null,
        parts: null,
        partial: false,
        late: 0,
        inputs: null,
      },
    ],
  };

  test('[CL3] prints window, dimensions, value and how fresh they are', async () => {
    hub.reply = reply;
    const { code, out } = await freshet(['values', 'orders_per_minute']);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'window       region         value',
        '14:01–14:02  north       7 orders  partial; 2 came too late, not counted',
        '14:02–14:03  south   12.50 orders',
        '',
        'Live · age 1.2 / 30 s · data as of 14:03:10 · nothing unread',
        '',
      ].join('\n'),
    );
  });

  test('[CL3] a share is printed in percent, and a state that is not Live says why', async () => {
    const [first] = reply.values;
    hub.reply = {
      ...reply,
      unit: 'percent',
      facts: { ...reply.facts, frontier: NOW - 40_000, lagRecords: 12 },
      values: [
        { ...first!, value: 0.0342 },
        { ...first!, value: 1 },
      ],
    };
    hub.why = {
      clusterNow: NOW,
      face: {
        metric: 'checkout_failure_rate',
        version: null,
        title: 'Checkout failures',
        owner: 'payments-sre',
        runbook: null,
        unit: 'percent',
        good: 'down',
        groupBy: [],
        windowMs: 60_000,
        measure: 'ratio',
        show: 'complete',
        topics: ['shop.payments'],
      },
      facts: reply.facts,
      partitions: [],
      counts: null,
      hops: { ingest: null, stream: null, compute: null },
      generation: null,
      instance: null,
    } satisfies Why;
    const { out } = await freshet(['values', 'checkout_failure_rate']);
    expect(out).toMatch(/ 3\.42 % .*\n.* 100 % /);
    expect(out).toContain('Late · age 40 / 30 s · data as of 14:02:32 · 12 records unread · ');
  });

  test('[CL3] asks for the span and the series', async () => {
    hub.reply = reply;
    await freshet(
      'values m --from 15m --to 2026-03-01T14:00:00Z --where region=north --where channel=a=b'.split(
        ' ',
      ),
    );
    expect(hub.asked[0]!.url).toBe(
      `/api/v1/metrics/m/values?from=${NOW - 900_000}&to=${Date.UTC(2026, 2, 1, 14)}&where.region=north&where.channel=a%3Db`,
    );
    expect((await freshet(['values', 'm', '--from', 'yesterday'])).code).toBe(2);
    expect((await freshet(['values', 'm', '--where', 'region'])).code).toBe(2);
    expect(JSON.parse((await freshet(['values', 'm', '--json'])).out)).toEqual(reply);
  });
});

const SHOP_REPLY: ShopReply = { ok: true, message: 'It fails.' };

test('[SH7] shop sends its command, and a refusal ends with 1', async () => {
  hub.reply = SHOP_REPLY;
  await freshet(['shop', 'recover']);
  expect(hub.asked[0]!.body).toEqual({ action: 'recover', what: 'all' });
  hub.reply = { ok: false, message: 'The shop has no provider "visa".' } satisfies ShopReply;
  expect(await freshet(['shop', 'fail', 'visa'])).toEqual({
    code: 1,
    out: '',
    err: 'The shop has no provider "visa".\n',
  });
});

test('[CL6] status ends with 1 while the cluster does not answer', async () => {
  const status: Status = {
    version: '0.1.0',
    node: '24.21.0',
    role: 'all',
    instance: 'a',
    brokers: ['127.0.0.1:9092'],
    prefix: 'freshet.',
    cluster: { reachable: true, answeredAt: NOW, clockErrorMs: 0.6 },
    metrics: 8,
    boards: 1,
    screens: 2,
    counts: { values: 100, fenced: 0, invalid: 1 },
    demo: true,
  };
  hub.reply = status;
  const up = await freshet(['status']);
  expect(up.code).toBe(0);
  expect(up.out).toContain('cluster   127.0.0.1:9092: answers\n');
  hub.reply = { ...status, cluster: { ...status.cluster, reachable: false } };
  const down = await freshet(['status']);
  expect(down.code).toBe(1);
  expect(down.out).toContain('does not answer');
});
