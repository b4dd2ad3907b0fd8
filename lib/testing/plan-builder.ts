import type { MetricPlan, PlanMeasure } from '#lib/contracts/plan.ts';

/** A plan over payments `{ paid_at, status, provider, amount }`, as tests of compute and hub need it. */
export function planFor(options: {
  readonly metric: string;
  readonly topic: string;
  readonly measure: PlanMeasure;
  readonly version?: string;
  readonly where?: string;
  readonly groupBy?: readonly string[];
  readonly sizeMs?: number;
  readonly latenessMs?: number;
  readonly aheadMs?: number;
  readonly emitEveryMs?: number;
}): MetricPlan {
  return {
    v: 1,
    kind: 'metric',
    metric: options.metric,
    version: options.version ?? '1-000000000000',
    emitEveryMs: options.emitEveryMs ?? 0,
    closure: {
      engine: 1,
      stream: {
        name: 'payments',
        cluster: 'main',
        topic: options.topic,
        format: 'json',
        eventTime: { field: 'paid_at', as: 'epoch-ms' },
        aheadMs: options.aheadMs ?? 60_000,
        fields: {
          paid_at: { type: 'int', class: 'internal' },
          status: { type: 'string', class: 'internal' },
          provider: { type: 'string', class: 'internal' },
          amount: { type: 'decimal', scale: 2, class: 'financial' },
        },
      },
      where: options.where ?? null,
      groupBy: [...(options.groupBy ?? [])],
      window: { kind: 'tumbling', sizeMs: options.sizeMs ?? 10_000 },
      measure: options.measure,
      latenessMs: options.latenessMs ?? 5_000,
      horizonMs: 86_400_000,
      start: 'earliest',
    },
  };
}
