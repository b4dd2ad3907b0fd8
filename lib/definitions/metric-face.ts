import type { MetricFace } from '#lib/contracts/feed.ts';
import type { MetricPlan, PlanMeasure } from '#lib/contracts/plan.ts';
import type { DefinitionOf } from './schema.ts';

/** How a metric is shown (contracts/feed.ts). Without a plan, as right after a removal, its version is unknown and it has no topics. */
export function faceOf(
  { metadata, spec }: DefinitionOf<'Metric'>,
  plan: MetricPlan | null,
): MetricFace {
  return {
    metric: metadata.name,
    version: plan?.version ?? null,
    title: metadata.title ?? titleFrom(metadata.name),
    owner: metadata.owner,
    runbook: metadata.runbook ?? null,
    unit: spec.unit ?? null,
    good: spec.good ?? null,
    groupBy: spec.groupBy,
    windowMs: spec.window.size,
    measure: plan?.closure.measure.kind ?? writtenKind(spec.measure),
    show: spec.show,
    topics: plan === null ? [] : [plan.closure.stream.topic],
  };
}

/** `orders_per_minute` → "Orders per minute". */
function titleFrom(name: string): string {
  const words = name.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The measure's kind from its text, which was checked when the metric was applied. */
function writtenKind(measure: DefinitionOf<'Metric'>['spec']['measure']): PlanMeasure['kind'] {
  if (typeof measure !== 'string') return 'ratio';
  const word = /^\s*(count|sum|avg|min|max)\b/.exec(measure)?.[1];
  return (word as PlanMeasure['kind'] | undefined) ?? 'count';
}
