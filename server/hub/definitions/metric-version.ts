import { createHash } from 'node:crypto';
import { PLAN_CONTRACT, type Closure, type MetricPlan } from '#lib/contracts/plan.ts';
import { canonicalJson } from '#lib/definitions/canonical-json.ts';
import { resolveClosure } from '#lib/definitions/resolve-closure.ts';
import type { DefinitionOf } from '#lib/definitions/schema.ts';

/** First 12 hex digits of the closure's sha256: what tells versions apart besides their number. */
const hashOf = (closure: Closure): string =>
  createHash('sha256').update(canonicalJson(closure)).digest('hex').slice(0, 12);

/**
 * The plan of a metric as it is defined now. It keeps the held version while the closure is the same; else it gets the next number, also where
 * an older version had the same closure, because that one's state is gone (DF12).
 */
export async function planMetric(
  metric: DefinitionOf<'Metric'>,
  stream: DefinitionOf<'Stream'>,
  held: MetricPlan | null,
  highestVersion: (metric: string) => Promise<number>,
): Promise<MetricPlan> {
  const { name } = metric.metadata;
  const closure = resolveClosure(metric, stream);
  const hash = hashOf(closure);
  const version =
    held !== null && held.version.endsWith(`-${hash}`)
      ? held.version
      : `${String((await highestVersion(name)) + 1)}-${hash}`;
  return {
    v: PLAN_CONTRACT,
    kind: 'metric',
    metric: name,
    version,
    closure,
    emitEveryMs: metric.spec.emit.every,
  };
}
