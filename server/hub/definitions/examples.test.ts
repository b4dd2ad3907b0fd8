import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkDefinitions, checkDuplicates } from '#lib/definitions/check-definitions.ts';
import { DefinitionSet } from '#lib/definitions/definition-set.ts';
import { parseDefinitions } from '#lib/definitions/parse-definitions.ts';
import { resolveClosure } from '#lib/definitions/resolve-closure.ts';

const FOLDER = new URL('../../../examples/shop/', import.meta.url);
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }));

describe('examples/shop', () => {
  const { parsed, problems } = parseDefinitions(files);
  const set = new DefinitionSet(parsed.map(({ definition }) => definition));
  const metrics = set.all('Metric');

  it('[DF15] has no problem, not even a warning', () => {
    expect([...problems, ...checkDuplicates(parsed), ...checkDefinitions(parsed)]).toStrictEqual(
      [],
    );
  });

  it('[DF15] shows every measure, grouped and not, and resolves', () => {
    const closures = metrics.map((metric) => {
      const stream = set.get('Stream', metric.spec.from);
      if (stream === null) throw new Error(metric.spec.from);
      return resolveClosure(metric, stream);
    });
    expect(new Set(closures.map(({ measure }) => measure.kind))).toStrictEqual(
      new Set(['count', 'sum', 'avg', 'max', 'min', 'ratio']),
    );
    expect(closures.some(({ groupBy }) => groupBy.length > 0)).toBe(true);
    expect(metrics.length).toBeGreaterThanOrEqual(10);
  });

  it('[DF15] leaves exactly one metric without an objective', () => {
    const promised = new Set(set.all('Objective').map(({ spec }) => spec.metric));
    expect(
      metrics.map(({ metadata }) => metadata.name).filter((name) => !promised.has(name)),
    ).toStrictEqual(['lightest_parcel']);
  });

  it('[DF15] fills one board of eight numbers and four charts', () => {
    const [board] = set.all('Board');
    expect(board?.spec.panels.filter(({ kind }) => kind === 'number')).toHaveLength(8);
    expect(board?.spec.panels.filter(({ kind }) => kind === 'time-series')).toHaveLength(4);
  });
});
