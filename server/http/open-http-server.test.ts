import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { io } from 'socket.io-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { z } from 'zod';
import type { Viewer } from '#lib/access/authorize.ts';
import { boardViewSchema, FEED_PROTOCOL } from '#lib/contracts/feed.ts';
import {
  applyReplySchema,
  boardListSchema,
  definitionListSchema,
  metricEntrySchema,
  metricListSchema,
  restErrorSchema,
  shopReplySchema,
  statusSchema,
  valuesReplySchema,
  whySchema,
  type ShopCommand,
  type Status,
} from '#lib/contracts/rest.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { epochMs } from '#lib/time/instant.ts';
import { openFeed, type Feed } from '#server/feed/open-feed.ts';
import { makeRest } from '#server/http/make-rest.ts';
import {
  openHttpServer,
  type HttpServer,
  type HttpServerParts,
} from '#server/http/open-http-server.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';
import {
  countSpec,
  numberPanel,
  ScriptedDefinitions,
} from '#server/memory/scripted-definitions.ts';
import {
  scriptedFace,
  scriptedFacts,
  scriptedPoint,
  ScriptedMetricView,
} from '#server/memory/scripted-metric-view.ts';
import { SilentLogger } from '#server/memory/silent-logger.ts';
import type { HistoryRow, StoredDefinition } from '#server/ports/hub-store.ts';

const NOW = 1_800_000_000_000;
const status: Status = {
  version: '1.0.0',
  node: 'v24',
  role: 'all',
  instance: 'i',
  brokers: ['b:1'],
  prefix: 'freshet.',
  cluster: { reachable: true, answeredAt: NOW, clockErrorMs: 1 },
  metrics: 2,
  boards: 1,
  screens: 3,
  counts: { values: 10, fenced: 1, invalid: 2 },
  demo: false,
};

let view: ScriptedMetricView;
let definitions: ScriptedDefinitions;
let logger: SilentLogger;
let viewer: Viewer;
let reasons: string[];
let rows: HistoryRow[];
let stored: StoredDefinition[];
let shop: { command(command: ShopCommand): Promise<{ ok: boolean; message: string }> } | undefined;
let feed: Feed;
let server: HttpServer;

beforeEach(async () => {
  view = new ScriptedMetricView();
  definitions = new ScriptedDefinitions();
  logger = new SilentLogger();
  viewer = { kind: 'local-owner' };
  reasons = [];
  rows = [];
  stored = [];
  shop = undefined;
  definitions.put('Metric', 'orders', countSpec);
  definitions.put('Metric', 'failures', { ...countSpec, groupBy: ['provider'] });
  definitions.put(
    'Board',
    'shop',
    { panels: [numberPanel('orders', { compare: '1h' }), numberPanel('gone')] },
    { title: 'Shop' },
  );
  view.define(scriptedFace('orders'), scriptedFacts({ frontier: epochMs(NOW - 1_500) }));
  view.define(scriptedFace('failures', { groupBy: ['provider'] }), scriptedFacts());
  feed = openFeed({
    view,
    definitions,
    clock: systemClock,
    logger,
    viewerOf: () => viewer,
    publicHosts: [],
  });
  server = await open();
});
afterEach(async () => {
  await feed.close();
  await server.close();
});

function open(over: Partial<HttpServerParts> = {}): Promise<HttpServer> {
  const rest = makeRest({
    view,
    definitions,
    store: { values: async () => rows, definitions: async () => stored },
    clock: systemClock,
    logger,
    viewerOf: () => viewer,
    status: () => status,
    notReady: () => reasons,
    ...(shop === undefined ? {} : { shop }),
  });
  const parts = {
    host: '127.0.0.1',
    port: 0,
    strictPort: true,
    publicHosts: [],
    rest,
    feed,
    next: null,
    logger,
  };
  return openHttpServer({ ...parts, ...over });
}

async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
  const response = await fetch(`${server.url}${path}`);
  const body = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return schema.parse(body);
}

async function refusal(path: string, init: RequestInit = {}) {
  const response = await fetch(`${server.url}${path}`, init);
  return { status: response.status, ...restErrorSchema.parse(await response.json()).error };
}

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** `fetch` sets Host by itself; this one sends what it is told. */
async function raw(headers: Record<string, string>, path = '/healthz', method = 'GET') {
  const request = httpRequest({ port: server.port, host: '127.0.0.1', path, method, headers });
  request.end();
  const [response] = await once(request, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return {
    status: response.statusCode as number,
    headers: response.headers as IncomingHttpHeaders,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

test('[HT6] GET /api/v1/boards lists boards with the facts of their panels', async () => {
  const list = await get('/api/v1/boards', boardListSchema);
  expect(list).toMatchObject({ clusterNow: NOW, clockErrorMs: 2 });
  expect(list.boards).toMatchObject([
    {
      name: 'shop',
      title: 'Shop',
      panels: [
        { id: 'orders', facts: { frontier: NOW - 1_500 } },
        { id: 'gone', title: 'gone', facts: null },
      ],
    },
  ]);
});

test('[HT6] GET /api/v1/boards/<name> is the board with the faces of its metrics', async () => {
  const board = await get('/api/v1/boards/shop', boardViewSchema);
  expect(board.panels.map(({ spec, face }) => [spec.id, spec.compare, face?.metric])).toEqual([
    ['orders', 3_600_000, 'orders'],
    ['gone', undefined, undefined],
  ]);
  expect(await refusal('/api/v1/boards/none')).toMatchObject({
    status: 404,
    code: 'http/not-found',
  });
});

test('[HT6] GET /api/v1/metrics lists metrics, one of them, and why it is as fresh as it is', async () => {
  const list = await get('/api/v1/metrics', metricListSchema);
  expect(list.metrics.map(({ face }) => face.metric)).toEqual(['orders', 'failures']);
  expect((await get('/api/v1/metrics/orders', metricEntrySchema)).facts?.frontier).toBe(
    NOW - 1_500,
  );
  expect((await get('/api/v1/metrics/orders/freshness', whySchema)).instance).toBe('scripted');
  for (const path of ['', '/freshness', '/values'])
    expect(await refusal(`/api/v1/metrics/none${path}`)).toMatchObject({
      status: 404,
      message: expect.stringContaining('"none"'),
    });
});

test('[HT7] GET values answers the last hour of history with the facts that go with it', async () => {
  rows = [
    {
      metric: 'orders',
      version: '1-0123456789ab',
      dims: '{}',
      start: NOW - 20_000,
      end: NOW - 10_000,
      knownAt: NOW,
      offset: 1,
      withdrawn: false,
      record: JSON.stringify({
        metric: 'orders',
        dims: {},
        window: { start: NOW - 20_000, end: NOW - 10_000 },
        value: '4.20',
      }),
    },
  ];
  view.change('orders', [scriptedPoint(NOW - 10_000, 7)]);
  const reply = await get('/api/v1/metrics/orders/values', valuesReplySchema);
  expect(reply).toMatchObject({
    metric: 'orders',
    clusterNow: NOW,
    truncated: false,
    facts: { frontier: NOW - 1_500 },
  });
  expect(reply.values.map(({ value }) => value)).toEqual(['4.20', 7]);
  const late = await get(
    `/api/v1/metrics/orders/values?from=${NOW - 15_000}&to=now&limit=5`,
    valuesReplySchema,
  );
  expect(late.values.at(-1)?.value).toBe(7);
});

test.each([
  ['orders', 'from=soon', '"from"'],
  ['orders', 'to=never', '"to"'],
  ['orders', 'from=-1h&to=-2h', 'empty'],
  ['orders', 'limit=0', '"limit"'],
  ['orders', 'limit=many', '"limit"'],
  ['orders', 'where.provider=a', 'has no dimensions'],
  ['failures', 'where.region=a', 'grouped by provider'],
])(
  '[HT8] values of %s with %s are refused with the parameter named',
  async (metric, query, part) => {
    expect(await refusal(`/api/v1/metrics/${metric}/values?${query}`)).toMatchObject({
      status: 400,
      code: 'http/bad-request',
      message: expect.stringContaining(part),
    });
  },
);

test('[HT6] GET /api/v1/definitions gives the sources, all or by kind and name', async () => {
  const one = { set: 'default', revision: 1, changedAt: NOW, plan: null, planPublished: false };
  stored = [
    { ...one, kind: 'Board', name: 'shop', source: '{"kind":"Board"}' },
    { ...one, kind: 'Metric', name: 'orders', source: '{"kind":"Metric"}' },
  ];
  const names = async (query: string) =>
    (await get(`/api/v1/definitions${query}`, definitionListSchema)).definitions.map(
      ({ name }) => name,
    );
  expect(await names('')).toEqual(['shop', 'orders']);
  expect(await names('?kind=Metric')).toEqual(['orders']);
  expect(await names('?name=shop')).toEqual(['shop']);
  expect(await refusal('/api/v1/definitions?kind=Widget')).toMatchObject({ status: 400 });
});

test('[HT6] POST /api/v1/definitions applies, with the defaults filled in', async () => {
  const files = [{ name: 'a.yaml', text: 'x' }];
  const response = await fetch(`${server.url}/api/v1/definitions`, post({ files }));
  expect(response.status).toBe(200);
  expect(applyReplySchema.parse(await response.json()).applied).toBe(true);
  expect(definitions.requests).toEqual([
    { set: 'default', dryRun: false, onlyAbsent: false, takeOver: false, prune: false, files },
  ]);
});

test('[HT6] definitions that are wrong are answered 422 with every problem', async () => {
  const problem = {
    file: 'a.yaml',
    line: 3,
    column: 1,
    path: 'spec',
    severity: 'error',
    message: 'wrong',
    fix: null,
  } as const;
  definitions.reply = { applied: false, changes: [], problems: [problem] };
  const response = await fetch(`${server.url}/api/v1/definitions`, post({ files: [] }));
  expect(response.status).toBe(422);
  expect(applyReplySchema.parse(await response.json()).problems).toEqual([problem]);
  definitions.reply = {
    applied: true,
    changes: [],
    problems: [{ ...problem, severity: 'warning' }],
  };
  expect((await fetch(`${server.url}/api/v1/definitions`, post({ files: [] }))).status).toBe(200);
});

test.each([
  ['no JSON', '{', {}, 400, 'not valid JSON'],
  ['a wrong shape', { files: 7 }, {}, 400, '"files"'],
  [
    'a form',
    'files=1',
    { 'content-type': 'application/x-www-form-urlencoded' },
    400,
    'application/json',
  ],
  ['too much', 'x'.repeat(11 * 1024 * 1024), {}, 400, '10 MB'],
  [
    'a page of another site',
    { files: [] },
    { origin: 'https://evil.example' },
    403,
    'another site',
  ],
])(
  '[HT3] a POST with %s is refused and applies nothing',
  async (_, body, headers, expected, part) => {
    expect(await refusal('/api/v1/definitions', post(body, headers))).toMatchObject({
      status: expected,
      message: expect.stringContaining(part),
    });
    expect(definitions.requests).toEqual([]);
  },
);

test('[HT3] a POST that does not say how long it is, is read to its end, and no further than the limit', async () => {
  const endless = (text: string, times: number) =>
    Readable.from(Array.from({ length: times }, () => Buffer.from(text)));
  const sent = async (body: Readable) =>
    fetch(`${server.url}/api/v1/definitions`, {
      ...post(''),
      // Node's fetch takes its own streams and asks for `duplex`; the types of the DOM know neither.
      body: body as unknown as ReadableStream,
      duplex: 'half',
    } as RequestInit);
  expect((await sent(endless('{"files":[]}', 1))).status).toBe(200);
  const tooMuch = await sent(endless('x'.repeat(1024 * 1024), 11)).catch(() => null);
  // The server answers and hangs up; a client still writing may see only that.
  if (tooMuch !== null) expect(tooMuch.status).toBe(400);
  expect(definitions.requests.length).toBe(1);
});

test('[HT3] a POST from a page of ours is taken', async () => {
  const response = await fetch(
    `${server.url}/api/v1/definitions`,
    post({ files: [] }, { origin: server.url }),
  );
  expect(response.status).toBe(200);
});

test('[HT6] the shop is commanded where it runs, and absent elsewhere', async () => {
  expect(await refusal('/api/v1/demo/shop', post({ action: 'status' }))).toMatchObject({
    status: 404,
    message: expect.stringContaining('demo'),
  });
  shop = { command: async ({ action, what }) => ({ ok: true, message: `${action} ${what}` }) };
  await server.close();
  server = await open();
  const response = await fetch(
    `${server.url}/api/v1/demo/shop`,
    post({ action: 'fail', what: 'paypal' }),
  );
  expect(shopReplySchema.parse(await response.json())).toEqual({
    ok: true,
    message: 'fail paypal',
  });
});

test('[HT6] status, health and readiness', async () => {
  expect(await get('/api/v1/status', statusSchema)).toEqual(status);
  expect((await raw({ host: `127.0.0.1:${server.port}` })).body).toBe('{"alive":true}');
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  reasons = ['The cluster does not answer.'];
  const response = await fetch(`${server.url}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ ready: false, reasons });
});

test('[HT6] /metrics is Prometheus text; an unknown age has no sample', async () => {
  const response = await fetch(`${server.url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  const lines = (await response.text())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines).toEqual([
    'freshet_metric_age_seconds{metric="orders"} 1.503', // 1 500 ms and both clocks' bounds
    'freshet_screens 3',
    'freshet_values_total 10',
    'freshet_fenced_total 1',
    'freshet_invalid_total 2',
  ]);
});

test('[HT5] an unknown path below /api is answered in the shape of every other failure', async () => {
  for (const path of ['/api', '/api/v1', '/api/v1/nothing', '/api/v2/boards'])
    expect(await refusal(path)).toMatchObject({
      status: 404,
      code: 'http/not-found',
      retryable: false,
    });

  expect(await refusal('/api/v1/boards', { method: 'DELETE' })).toMatchObject({ status: 404 });
});

test('[ER1] what fails inside is answered as internal, and none of its text leaves', async () => {
  definitions.boards = () => {
    throw new Error('password=hunter2');
  };
  const failed = await refusal('/api/v1/boards');
  expect(failed).toMatchObject({ status: 500, code: 'internal', retryable: true });
  expect(JSON.stringify(failed)).not.toContain('hunter2');
  expect(logger.lines.map(({ event }) => event)).toEqual(['http:failed']);
});

test('[HT5] a failure by name has its own status', async () => {
  definitions.apply = async () => {
    throw new AppError('kafka/unreachable', 'The cluster does not answer.');
  };
  expect(await refusal('/api/v1/definitions', post({ files: [] }))).toMatchObject({
    status: 503,
    retryable: true,
  });
});

test('[AC1] every route but /healthz asks whether the viewer may', async () => {
  viewer = { kind: 'anonymous' };
  for (const path of [
    '/api/v1/boards/shop',
    '/api/v1/metrics/orders',
    '/api/v1/metrics/orders/freshness',
    '/api/v1/metrics/orders/values',
    '/api/v1/definitions',
    '/api/v1/status',
    '/readyz',
    '/metrics',
  ])
    expect(await refusal(path), path).toMatchObject({ status: 403, code: 'access/denied' });
  for (const path of ['/api/v1/definitions', '/api/v1/demo/shop'])
    expect(await refusal(path, post({ files: [], action: 'status' })), path).toMatchObject({
      status: 403,
    });
  expect((await get('/api/v1/boards', boardListSchema)).boards).toEqual([]);
  expect((await get('/api/v1/metrics', metricListSchema)).metrics).toEqual([]);
});

test('[HT2] a name that was made to resolve here is refused on every path', async () => {
  for (const path of ['/healthz', '/api/v1/boards', '/', '/feed/']) {
    const answer = await raw({ host: `evil.example:${server.port}` }, path);
    expect(answer.status).toBe(403);
    expect(restErrorSchema.parse(JSON.parse(answer.body)).error.message).toContain('evil.example');
  }
  expect((await raw({ host: `localhost:${server.port}` })).status).toBe(200);
});

test('[HT2] a public name is taken once it is configured', async () => {
  await server.close();
  server = await open({ publicHosts: ['boards.example.com'] });
  expect((await raw({ host: 'boards.example.com' })).status).toBe(200);
});

test('[HT4] everything else is a page, with the headers that keep it to itself', async () => {
  await server.close();
  server = await open({
    next: {
      dev: false,
      upgrade: null,
      handle: async (request, response) => void response.end(`page ${request.url}`),
    },
  });
  const page = await raw({ host: `localhost:${server.port}` }, '/m/orders?x=1');
  expect(page.body).toBe('page /m/orders?x=1');
  const policy = page.headers['content-security-policy'];
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe-eval');
  expect(page.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  });
  expect((await raw({ host: `localhost:${server.port}` }, '/api/v1/boards')).body).toContain(
    '"boards"',
  );
  expect((await raw({ host: `localhost:${server.port}` }, '/metricsx')).body).toBe(
    'page /metricsx',
  );
});

test('[HT5] a page that fails is answered, and logged with its reason', async () => {
  await server.close();
  const handle = async () => {
    throw new Error('token=hunter2');
  };
  server = await open({ next: { dev: false, upgrade: null, handle } });
  const answer = await raw({ host: `localhost:${server.port}` }, '/');
  expect(answer.status).toBe(500);
  expect(answer.body).not.toContain('hunter2');
});

test('[HT10] the feed is reached through the same port, and other upgrades only in development', async () => {
  const client = io(server.url, { path: '/feed', transports: ['websocket'], reconnection: false });
  const reply = await client.emitWithAck('board:join', {
    board: 'shop',
    protocol: FEED_PROTOCOL,
    cadence: 'calm',
  });
  expect(reply.ok).toBe(true);
  expect(feed.screens()).toBe(1);
  client.disconnect();
  expect(await refusal('/feed')).toMatchObject({ status: 400 });

  expect(await upgraded('/_next/hmr')).toBe('');
  await server.close();
  const upgrade = vi.fn<NonNullable<HttpServerParts['next']>['upgrade'] & object>(
    (_, socket) => void socket.end('taken'),
  );
  server = await open({ next: { dev: true, upgrade, handle: async () => {} } });
  expect(await upgraded('/_next/hmr')).toBe('taken');
  expect(await upgraded('/_next/hmr', 'https://evil.example')).toBe('');
});

async function upgraded(path: string, origin = server.url): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nOrigin: ${origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

test('[HT1] a port that was asked for and is taken ends with one sentence', async () => {
  await expect(open({ port: server.port })).rejects.toMatchObject({
    code: 'http/port-taken',
    message: `Port ${server.port} is taken by another program: stop it, or set PORT to another one.`,
  });
});

test('[HT1] a port nobody asked for gives way to the next free one', async () => {
  const next = await open({ port: server.port, strictPort: false });
  expect(next.port).toBeGreaterThan(server.port);
  expect(next.url).toBe(`http://127.0.0.1:${next.port}`);
  await next.close();
});

test('[HT1] beyond loopback it does not listen', async () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.1'])
    await expect(open({ host })).rejects.toMatchObject({
      code: 'config/invalid',
      message: expect.stringContaining('sign-in is not set up'),
    });
});

test('[HT11] closing ends kept-alive connections and upgraded ones at once', async () => {
  const idle = connect(server.port, '127.0.0.1');
  idle.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`);
  await once(idle, 'data');
  const gone = once(idle, 'close');
  idle.on('error', () => {});
  const startedAt = performance.now();
  await server.close();
  await gone;
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  const again = createServer().listen(server.port, '127.0.0.1');
  await once(again, 'listening');
  expect((again.address() as AddressInfo).port).toBe(server.port);
  again.close();
  server = await open();
});
