import { describe, expect, it } from 'vitest';
import { checkDefinitions, checkDuplicates } from './check-definitions.ts';
import { parseDefinitions } from './parse-definitions.ts';

const STREAM = `apiVersion: freshet/v1
kind: Stream
metadata: { name: orders, owner: shop }
spec:
  topic: shop.orders
  eventTime: { field: ordered_at, as: iso8601 }
  fields:
    ordered_at: { type: string }
    amount: { type: decimal, scale: 2, class: financial }
    weight: { type: double }
    status: { type: string }
    card: { type: string, class: personal }
`;
const METRIC = `apiVersion: freshet/v1
kind: Metric
metadata: { name: revenue, owner: shop }
spec:
  from: orders
  where: status == 'placed'
  groupBy: [status]
  window: { kind: tumbling, size: 1m }
  measure: sum(amount)
`;
const OBJECTIVE = `apiVersion: freshet/v1
kind: Objective
metadata: { name: revenue, owner: shop }
spec: { metric: revenue, target: 30s }
`;
const BOARD = `apiVersion: freshet/v1
kind: Board
metadata: { name: shop, owner: shop }
spec:
  zone: Europe/Berlin
  panels:
    - { id: a, kind: time-series, metric: revenue, by: status, at: { x: 0, y: 0, w: 6, h: 4 } }
    - { id: b, kind: time-series, metric: revenue, at: { x: 6, y: 0, w: 6, h: 4 } }
`;
const ALL = [STREAM, METRIC, OBJECTIVE, BOARD].join('---\n');

function problemsIn(text: string) {
  const { parsed, problems } = parseDefinitions([{ name: 'shop.yaml', text }]);
  return [...problems, ...checkDuplicates(parsed), ...checkDefinitions(parsed)];
}

/** The problems of all definitions after one text in them was replaced, each with what stands at its place. */
function after(text: string, replacement: string) {
  expect(ALL).toContain(text);
  const changed = ALL.replace(text, replacement);
  return problemsIn(changed).map(({ line, column, path, severity, message, fix }) => {
    const here = changed.split('\n')[line - 1]?.slice(column - 1) ?? '';
    return { at: /^[^\s,:}\]]+/.exec(here)?.[0] ?? here, path, severity, message, fix };
  });
}

describe('definitions', () => {
  it('[DF1] reads several documents of a file and leaves empty ones out', () => {
    const { parsed, problems } = parseDefinitions([
      { name: 'a.yaml', text: `# nothing\n---\n${ALL}\n---\n` },
    ]);
    expect(problems).toStrictEqual([]);
    expect(parsed.map(({ definition }) => definition.kind)).toStrictEqual([
      'Stream',
      'Metric',
      'Objective',
      'Board',
    ]);
    expect(problemsIn(ALL)).toStrictEqual([]);
  });

  it.each([
    ['a: [1', 2],
    ['a: 1\na: 2', 2],
    ['\tb: 1', 1],
    ['a: *missing', 1],
    [`${'['.repeat(20_000)}`, 1],
    [
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]`,
      1,
    ],
  ])('[DF1] says where a file is no YAML, and never throws: %#', (text, line) => {
    const { parsed, problems } = parseDefinitions([{ name: 'a.yaml', text }]);
    expect(parsed).toStrictEqual([]);
    expect(problems[0]).toMatchObject({ file: 'a.yaml', severity: 'error' });
    expect(problems[0]?.line).toBeLessThanOrEqual(line);
  });

  it.each([
    [
      'kind: Metric',
      'kind: Metrik',
      'Metrik',
      'kind',
      'unknown kind `Metrik`',
      'did you mean `Metric`?',
    ],
    [
      'measure:',
      'mesure:',
      'mesure',
      'spec.mesure',
      'unknown key `mesure`',
      'did you mean `measure`?',
    ],
    [
      'topic: shop.orders',
      'topic: shop orders',
      'shop',
      'spec.topic',
      '`topic` cannot be `shop orders`',
      'expected a Kafka topic name',
    ],
    [
      'class: financial',
      'class: finanzial',
      'finanzial',
      'spec.fields.amount.class',
      '`class` cannot be `finanzial`',
      'did you mean `financial`?',
    ],
    [
      'type: double',
      'type: dubble',
      'dubble',
      'spec.fields.weight.type',
      '`type` cannot be `dubble`',
      'did you mean `double`?',
    ],
    [
      'scale: 2',
      'scael: 2',
      'amount',
      'spec.fields.amount.scale',
      '`scale` is missing',
      'expected a number',
    ],
    [
      'size: 1m',
      'size: 60',
      '60',
      'spec.window.size',
      '`size` is `60`, expected a text',
      'a duration needs its unit (60s), a text quotes',
    ],
    [
      'size: 1m',
      'size: 1min',
      '1min',
      'spec.window.size',
      '`size` cannot be `1min`',
      'expected a duration such as 250ms, 30s, 2m, 1h or 7d',
    ],
    [
      'as: iso8601',
      'as: iso',
      'iso',
      'spec.eventTime.as',
      '`as` cannot be `iso`',
      'known: iso8601, epoch-ms, epoch-s',
    ],
    [
      'eventTime: { field: ordered_at, as: iso8601 }',
      'eventTime: recrod',
      'recrod',
      'spec.eventTime',
      '`eventTime` cannot be `recrod`',
      'expected record, or a field and how to read it: { field: paid_at, as: iso8601 }',
    ],
    [
      'name: revenue, owner: shop }\nspec:\n  from',
      'name: Revenue, owner: shop }\nspec:\n  from',
      'Revenue',
      'metadata.name',
      '`name` cannot be `Revenue`',
      'expected a lower-case name: a letter, then letters, digits, _ or -',
    ],
    [
      'freshet/v1',
      'freshet/v2',
      'freshet/v2',
      'apiVersion',
      '`apiVersion` cannot be `freshet/v2`',
      'did you mean `freshet/v1`?',
    ],
    [
      'card:',
      'ca-rd:',
      'ca-rd',
      'spec.fields.ca-rd',
      '`ca-rd` cannot be a key',
      'expected a field name: a letter or _, then letters, digits or _',
    ],
  ])(
    '[DF2] %s → %s: says what is wrong, where, and the nearest right thing',
    (text, wrong, at, path, message, fix) => {
      expect(after(text, wrong)).toContainEqual({ at, path, severity: 'error', message, fix });
    },
  );

  it.each([
    [
      'from: orders',
      'from: order',
      'order',
      'spec.from',
      'unknown stream `order`',
      'did you mean `orders`?',
    ],
    [
      'sum(amount)',
      'sum(amout)',
      'amout)',
      'spec.measure',
      'unknown field `amout`',
      'did you mean `amount`?',
    ],
    [
      "where: status == 'placed'",
      'where: "stats == \'placed\'"',
      'stats',
      'spec.where',
      'unknown field `stats`',
      'did you mean `status`?',
    ],
    [
      "where: status == 'placed'",
      "where: amount > 1 && stats == 'placed'",
      'stats',
      'spec.where',
      'unknown field `stats`',
      'did you mean `status`?',
    ],
    [
      'measure: sum(amount)',
      'measure: { ratio: { of: count(), to: cout() } }',
      'cout()',
      'spec.measure.ratio.to',
      'unknown measure `cout`',
      'did you mean `count`?',
    ],
    [
      'metric: revenue, target',
      'metric: revenu, target',
      'revenu',
      'spec.metric',
      'unknown metric `revenu`',
      'did you mean `revenue`?',
    ],
    [
      'metric: revenue, by',
      'metric: revenu, by',
      'revenu',
      'spec.panels.0.metric',
      'unknown metric `revenu`',
      'did you mean `revenue`?',
    ],
    [
      'by: status',
      'by: statos',
      'statos',
      'spec.panels.0.by',
      'metric `revenue` is not grouped by `statos`',
      'did you mean `status`?',
    ],
    [
      'kind: time-series, metric: revenue, by',
      'kind: number, metric: revenue, by',
      'by',
      'spec.panels.0.by',
      '`by` is for time-series panels',
      'remove it, or use kind: time-series',
    ],
    [
      'id: b',
      'id: a',
      'a',
      'spec.panels.1.id',
      'another panel has the id `a`',
      'give each panel its own id',
    ],
    [
      'x: 6, y: 0, w: 6',
      'x: 6, y: 0, w: 7',
      '7',
      'spec.panels.1.at.w',
      'the panel ends at column 13 of 12',
      'w can be at most 6 here',
    ],
    [
      'Europe/Berlin',
      'Europe/Berln',
      'Europe/Berln',
      'spec.zone',
      'unknown time zone `Europe/Berln`',
      'did you mean `Europe/Berlin`?',
    ],
  ])(
    '[DF3] %s → %s: names the reference that leads nowhere',
    (text, wrong, at, path, message, fix) => {
      expect(after(text, wrong)).toContainEqual({ at, path, severity: 'error', message, fix });
    },
  );

  it('[DF3] refuses a definition that stands twice and says where the first is', () => {
    expect(problemsIn(`${ALL}---\n${METRIC}`)).toMatchObject([
      {
        line: 40,
        message: 'Metric `revenue` is defined twice',
        fix: 'the first is at shop.yaml:16',
      },
    ]);
  });

  it('[DF3] refuses a second objective for one metric', () => {
    const second = OBJECTIVE.replace('name: revenue', 'name: zweite');
    expect(problemsIn(`${ALL}---\n${second}`)).toMatchObject([
      { path: 'spec.metric', message: 'objective `revenue` names metric `revenue` already' },
    ]);
  });

  it('[DF3] wants stopTrusting longer than target', () => {
    expect(after('target: 30s', 'target: 30s, stopTrusting: 30s')).toMatchObject([
      { path: 'spec.stopTrusting', message: '`stopTrusting`: must be longer than target' },
    ]);
  });

  it.each([
    [
      'field: ordered_at',
      'field: orderd_at',
      'orderd_at',
      'unknown field `orderd_at`',
      'did you mean `ordered_at`?',
    ],
    [
      'as: iso8601',
      'as: epoch-ms',
      'epoch-ms',
      '`ordered_at` is a string, epoch-ms needs an int or a double',
      'change `as`, or the type of ordered_at',
    ],
    [
      'ordered_at: { type: string }',
      'ordered_at: { type: int }',
      'iso8601',
      '`ordered_at` is an int, iso8601 needs a string',
      'change `as`, or the type of ordered_at',
    ],
  ])(
    '[DF4] %s → %s: the event time is a declared field of a fitting type',
    (text, wrong, at, message, fix) => {
      expect(after(text, wrong)).toMatchObject([{ at, message, fix }]);
    },
  );

  it('[DF4] takes the timestamp of the record as the event time', () => {
    expect(after('{ field: ordered_at, as: iso8601 }', 'record')).toStrictEqual([]);
  });

  it.each([
    ['card', '`card` is personal: it would be shown to everybody who sees the metric'],
    ['weight', '`weight` is a double: values that look equal would fall into different groups'],
    ['statos', 'unknown field `statos`'],
    ['status, status', '`status` is named twice'],
  ])('[DF5] groupBy: [%s] is refused', (groupBy, message) => {
    expect(after('groupBy: [status]', `groupBy: [${groupBy}]`).map((p) => p.message)).toContain(
      message,
    );
  });

  it('[EX6] refuses fields that are called what every object has', () => {
    expect(after('card:', 'constructor:')).toMatchObject([
      { at: 'constructor', message: 'no field can be called `constructor`' },
    ]);
    expect(after('card:', '__proto__:')).toMatchObject([
      { at: '__proto__', message: '`__proto__` cannot be a key' },
    ]);
  });

  it.each([
    ['size: 1m', 'size: 7m', 'spec.window.size'],
    ['size: 1m', 'size: 100ms', 'spec.emit.every'],
    ['x: 6, y: 0', 'x: 3, y: 3', 'spec.panels.1.at'],
    [
      'kind: time-series, metric: revenue, at',
      'kind: number, metric: revenue, at',
      'spec.panels.1.metric',
    ],
  ])('[DF7] %s → %s is allowed with a warning', (text, unwise, path) => {
    expect(after(text, unwise)).toMatchObject([{ severity: 'warning', path }]);
  });

  it('[DF7] a window of no length is an error', () => {
    expect(after('size: 1m', 'size: 0s')).toMatchObject([
      { severity: 'error', path: 'spec.window.size' },
    ]);
  });
});
