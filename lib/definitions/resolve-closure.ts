import type { Closure } from '#lib/contracts/plan.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { checkExpression } from '#lib/expressions/check-expression.ts';
import { parseMeasure } from '#lib/expressions/parse-measure.ts';
import type { DefinitionOf } from './schema.ts';

/** Raised when the engine would give another value for the same closure; every metric starts a new version then (SEMANTICS 3.7). */
export const ENGINE_SEMANTICS = 1;

/**
 * Everything that decides a metric's values, in one form for all ways to write it: expressions are canonical, durations are milliseconds
 * (DF6). Attributes are not in it. Throws `definition/invalid` when the metric does not fit the stream; check it first.
 */
export function resolveClosure(
  { metadata, spec }: DefinitionOf<'Metric'>,
  stream: DefinitionOf<'Stream'>,
): Closure {
  const { cluster, topic, format, eventTime, ahead, fields } = stream.spec;
  const misfit = (message: string | undefined): AppError =>
    new AppError(
      'definition/invalid',
      `Metric "${metadata.name}" does not fit stream "${stream.metadata.name}": ${message ?? 'unknown reason'}.`,
    );
  let where: string | null = null;
  if (spec.where !== undefined) {
    const checked = checkExpression(spec.where, fields, 'bool');
    if (!checked.ok) throw misfit(checked.problems[0]?.message);
    where = checked.text;
  }
  const parsed = parseMeasure(spec.measure, fields);
  if (!parsed.ok) throw misfit(parsed.problems[0]?.message);
  return {
    engine: ENGINE_SEMANTICS,
    stream: {
      name: stream.metadata.name,
      cluster,
      topic,
      format,
      eventTime,
      aheadMs: ahead,
      fields,
    },
    where,
    groupBy: spec.groupBy,
    window: { kind: spec.window.kind, sizeMs: spec.window.size },
    measure: parsed.measure,
    latenessMs: spec.lateness,
    horizonMs: spec.replay.horizon,
    start: spec.start,
  };
}
