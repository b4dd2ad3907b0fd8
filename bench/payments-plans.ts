import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import type { MetricPlan } from '#lib/contracts/plan.ts';
import { canonicalJson } from '#lib/definitions/canonical-json.ts';
import { parseDefinitions } from '#lib/definitions/parse-definitions.ts';
import { resolveClosure } from '#lib/definitions/resolve-closure.ts';

/** The example metrics over payments, exactly as people copy them, over another topic. */
export function paymentsPlans(topic: string): readonly MetricPlan[] {
  const files = ['streams.yaml', 'metrics.yaml'].map((name) => ({
    name,
    text: readFileSync(`examples/shop/${name}`, 'utf8'),
  }));
  const { parsed, problems } = parseDefinitions(files);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const definitions = parsed.map(({ definition }) => definition);
  const stream = definitions.find((d) => d.kind === 'Stream' && d.metadata.name === 'payments');
  if (stream?.kind !== 'Stream') throw new Error('examples/shop has no stream payments');
  const moved = { ...stream, spec: { ...stream.spec, topic } };
  return definitions.flatMap((metric) => {
    if (metric.kind !== 'Metric' || metric.spec.from !== 'payments') return [];
    const closure = resolveClosure(metric, moved);
    const hash = createHash('sha256').update(canonicalJson(closure)).digest('hex').slice(0, 12);
    return [
      {
        v: 1,
        kind: 'metric',
        metric: metric.metadata.name,
        version: `1-${hash}`,
        closure,
        emitEveryMs: metric.spec.emit.every,
      },
    ];
  });
}
