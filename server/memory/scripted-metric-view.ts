import type { MetricFace, Point } from '#lib/contracts/feed.ts';
import type { Why } from '#lib/contracts/rest.ts';
import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import type { ClusterInstant } from '#lib/time/cluster-clock.ts';
import { epochMs } from '#lib/time/instant.ts';
import type { MetricChange, MetricView } from '#server/ports/metric-view.ts';

interface Held {
  face: MetricFace;
  facts: FreshnessFacts;
  readonly points: Map<string, Point>;
}

/** A metric view whose content a test writes. Changes are told to subscribers at once, points before the facts that cover them. */
export class ScriptedMetricView implements MetricView {
  readonly #metrics = new Map<string, Held>();
  readonly #listeners = new Set<(change: MetricChange) => void>();
  now: ClusterInstant | null = { at: 1_800_000_000_000, errorMs: 2 };

  define(face: MetricFace, facts: FreshnessFacts): void {
    const points = this.#metrics.get(face.metric)?.points ?? new Map<string, Point>();
    this.#metrics.set(face.metric, { face, facts, points });
  }

  forget(metric: string): void {
    this.#metrics.delete(metric);
  }

  /** Points and the facts that cover them, as one change. */
  change(metric: string, points: readonly Point[], facts: Partial<FreshnessFacts> = {}): void {
    const held = this.#held(metric);
    for (const point of points) held.points.set(`${point.start}|${point.dims}`, point);
    held.facts = { ...held.facts, ...facts };
    this.#tell({ metric, points, reset: false });
  }

  /** Everything known before is void. */
  reset(metric: string, points: readonly Point[]): void {
    this.#held(metric).points.clear();
    for (const point of points)
      this.#held(metric).points.set(`${point.start}|${point.dims}`, point);
    this.#tell({ metric, points: [], reset: true });
  }

  face(metric: string): MetricFace | null {
    return this.#metrics.get(metric)?.face ?? null;
  }

  facts(metric: string): FreshnessFacts | null {
    return this.#metrics.get(metric)?.facts ?? null;
  }

  points(metric: string, since: number): readonly Point[] {
    const points = [...(this.#metrics.get(metric)?.points.values() ?? [])];
    return points.filter((point) => point.end > since && !point.withdrawn);
  }

  why(metric: string): Why | null {
    const held = this.#metrics.get(metric);
    if (held === undefined) return null;
    return {
      clusterNow: this.now?.at ?? null,
      face: held.face,
      facts: held.facts,
      partitions: [],
      counts: null,
      hops: { ingest: null, stream: null, compute: null },
      generation: 1,
      instance: 'scripted',
    };
  }

  clusterNow(): ClusterInstant | null {
    return this.now;
  }

  subscribe(listener: (change: MetricChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get subscribers(): number {
    return this.#listeners.size;
  }

  #held(metric: string): Held {
    const held = this.#metrics.get(metric);
    if (held === undefined) throw new Error(`The script defines no metric "${metric}".`);
    return held;
  }

  #tell(change: MetricChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** An ungrouped count over windows of ten seconds. */
export const scriptedFace = (metric: string, over: Partial<MetricFace> = {}): MetricFace => ({
  metric,
  version: '1-0123456789ab',
  title: metric,
  owner: 'tests',
  runbook: null,
  unit: null,
  good: null,
  groupBy: [],
  windowMs: 10_000,
  measure: 'count',
  show: 'complete',
  topics: ['t'],
  ...over,
});

export const scriptedFacts = (over: Partial<FreshnessFacts> = {}): FreshnessFacts => ({
  frontier: null,
  closing: null,
  clockErrorMs: 1,
  phase: { kind: 'running' },
  unanswered: null,
  blocked: null,
  appliedAt: null,
  heardAt: null,
  quietAfterMs: 60_000,
  targetMs: 5_000,
  stopTrustingMs: 15_000,
  lagRecords: 0,
  problem: null,
  ...over,
});

export const scriptedPoint = (start: number, value: number, over: Partial<Point> = {}): Point => ({
  dims: '{}',
  start: epochMs(start),
  end: epochMs(start + 10_000),
  value,
  reason: null,
  withdrawn: false,
  partial: false,
  late: 0,
  eventAt: null,
  appendedAt: null,
  emittedAt: null,
  ...over,
});
