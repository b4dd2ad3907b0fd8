import { expect, test } from 'vitest';
import { metricResource } from '#lib/access/resource-of.ts';
import { definitionSchema, type Definition } from '#lib/definitions/schema.ts';

const parse = <K extends Definition['kind']>(kind: K, spec: unknown) =>
  definitionSchema.parse({
    apiVersion: 'freshet/v1',
    kind,
    metadata: { name: 'thing', owner: 'a' },
    spec,
  }) as Extract<Definition, { kind: K }>;

test('[AC2] a metric carries the classes of the fields it mentions and of no other', () => {
  const stream = parse('Stream', {
    topic: 't',
    fields: {
      amount: { type: 'decimal', scale: 2, class: 'financial' },
      email: { type: 'string', class: 'personal' },
      status: { type: 'string', class: 'public' },
      secret_note: { type: 'string', class: 'secret' },
    },
  });
  const metric = parse('Metric', {
    from: 'thing',
    where: "email != ''",
    groupBy: ['status'],
    window: { kind: 'tumbling', size: '1m' },
    measure: 'sum(amount)',
  });
  expect(metricResource(metric, stream)).toEqual({
    kind: 'metric',
    name: 'thing',
    owner: 'a',
    classes: ['financial', 'personal', 'public'],
    dims: ['status'],
  });
  expect(metricResource(metric, null).classes).toEqual([]);
});
