import { checkExpression } from '#lib/expressions/check-expression.ts';
import { suggestion } from '#lib/expressions/nearest.ts';
import { parseMeasure } from '#lib/expressions/parse-measure.ts';
import type { DefinitionSet } from './definition-set.ts';
import type { Finding } from './finding.ts';
import type { DefinitionOf, StreamSpec } from './schema.ts';

const DAY_MS = 86_400_000;

/** A metric fits its stream: condition, measure, dimensions, window (DF3, DF5). */
export function checkMetric(
  { spec }: DefinitionOf<'Metric'>,
  set: DefinitionSet,
): readonly Finding[] {
  const findings: Finding[] = [...checkWindow(spec)];
  const stream = set.get('Stream', spec.from);
  if (stream === null) {
    const fix = suggestion(spec.from, set.names('Stream'));
    return [
      { path: ['spec', 'from'], message: `unknown stream \`${spec.from}\``, fix },
      ...findings,
    ];
  }
  const { fields } = stream.spec;
  if (spec.where !== undefined) {
    const where = checkExpression(spec.where, fields, 'bool');
    if (!where.ok) {
      for (const { start, message, fix } of where.problems) {
        findings.push({ path: ['spec', 'where'], offset: start, message, fix });
      }
    }
  }
  const measure = parseMeasure(spec.measure, fields);
  if (!measure.ok) {
    for (const { path, start, message, fix } of measure.problems) {
      findings.push({ path: ['spec', 'measure', ...path], offset: start, message, fix });
    }
  }
  return [...findings, ...checkGroups(spec.groupBy, fields)];
}

function checkGroups(groupBy: readonly string[], fields: StreamSpec['fields']): readonly Finding[] {
  return groupBy.flatMap((name, i): readonly Finding[] => {
    const path = ['spec', 'groupBy', i];
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      return [
        { path, message: `unknown field \`${name}\``, fix: suggestion(name, Object.keys(fields)) },
      ];
    }
    if (groupBy.indexOf(name) !== i) {
      return [{ path, message: `\`${name}\` is named twice`, fix: 'remove one' }];
    }
    if (field.class === 'personal' || field.class === 'secret') {
      const message = `\`${name}\` is ${field.class}: it would be shown to everybody who sees the metric`;
      return [{ path, message, fix: 'group by a field of class public, internal or financial' }];
    }
    if (field.type === 'double') {
      const message = `\`${name}\` is a double: values that look equal would fall into different groups`;
      return [{ path, message, fix: 'group by a string, bool, int or decimal' }];
    }
    return [];
  });
}

function* checkWindow(spec: DefinitionOf<'Metric'>['spec']): Generator<Finding> {
  const { size } = spec.window;
  const path = ['spec', 'window', 'size'];
  if (size <= 0) {
    yield { path, message: 'a window must be longer than 0', fix: 'for example 1m' };
    return;
  }
  if (DAY_MS % size !== 0 && size % DAY_MS !== 0) {
    yield {
      path,
      severity: 'warning',
      message: 'these windows do not divide a day, so they begin at another time of day every day',
      fix: 'use a size such as 10s, 1m, 5m, 15m, 1h',
    };
  }
  if (spec.emit.every > size) {
    yield {
      path: ['spec', 'emit', 'every'],
      severity: 'warning',
      message: 'values are sent less often than windows end',
      fix: 'make it shorter than window.size',
    };
  }
  if (spec.quietAfter !== undefined && spec.quietAfter <= 0) {
    yield { path: ['spec', 'quietAfter'], message: 'must be longer than 0', fix: null };
  }
}
