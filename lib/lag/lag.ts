import type { FreshnessFacts } from '#lib/freshness/facts.ts';

/** A figure is measured or it is unknown; nothing in between is shown as a number (SEMANTICS P4, 4.5). */
export type LagFigure =
  { readonly kind: 'measured'; readonly value: number } | { readonly kind: 'unknown' };

export interface Lag {
  /** Records appended and not yet applied and published. */
  readonly records: LagFigure;
  /** Lag in time, ms: now − frontier, every error bound added, rounded up; also when no record waits, because only a proof says so. */
  readonly timeMs: LagFigure;
}

const UNKNOWN: LagFigure = { kind: 'unknown' };
const measured = (value: number): LagFigure => ({ kind: 'measured', value });

/**
 * How far a metric is behind its inputs (LG1, LG2). `nowCluster` is the cluster's clock as the viewer knows it to ± `viewerErrorMs`; null while it is
 * not measured. `facts` is null when the metric was never heard of.
 */
export function lagOf(
  facts: Pick<FreshnessFacts, 'frontier' | 'clockErrorMs' | 'lagRecords'> | null,
  nowCluster: number | null,
  viewerErrorMs: number,
): Lag {
  if (facts === null) return { records: UNKNOWN, timeMs: UNKNOWN };
  const { frontier, clockErrorMs, lagRecords } = facts;
  const isTimed = frontier !== null && nowCluster !== null;
  return {
    records: lagRecords === null ? UNKNOWN : measured(lagRecords),
    timeMs: isTimed
      ? measured(Math.max(0, Math.ceil(nowCluster - frontier + clockErrorMs + viewerErrorMs)))
      : UNKNOWN,
  };
}

/** Records of several partitions together; unknown as soon as one of them is (LG3). `end` is null before the first answer. */
export function lagRecordsOf(
  partitions: readonly { readonly next: number; readonly end: number | null }[],
): number | null {
  let total = 0;
  for (const { next, end } of partitions) {
    if (end === null) return null;
    // Control records at the end are passed by `next` before the end is asked again.
    total += Math.max(0, end - next);
  }
  return partitions.length === 0 ? null : total;
}
