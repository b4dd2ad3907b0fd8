import type { ChannelUpdate, MetricFace, Point } from '#lib/contracts/feed.ts';
import type { PanelSpec } from '#lib/definitions/schema.ts';
import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import { pointsSince } from '#lib/panels/points-since.ts';
import type { MetricChange, MetricView } from '#server/ports/metric-view.ts';

/** More unsent points than this are dropped for a snapshot at the next flush: at 150 bytes each, about 300 kB (FD6). */
export const MAX_PENDING_POINTS = 2_000;
/** Points of one snapshot of one channel; the newest are kept. A chart is a few hundred pixels wide and has at most nine series. */
export const MAX_SNAPSHOT_POINTS = 10_000;

/** What one panel of one screen has still to be told. At most one pending update: a newer point replaces an unsent older one. */
export class Channel {
  readonly metric: string;
  readonly #panel: PanelSpec;
  readonly #face: MetricFace;
  readonly #view: MetricView;
  readonly #pending = new Map<string, Point>();
  #reset = false;
  #changed = false;

  constructor(panel: PanelSpec, face: MetricFace, view: MetricView) {
    this.metric = panel.metric;
    this.#panel = panel;
    this.#face = face;
    this.#view = view;
  }

  /** True when something is waiting to be sent, be it only newer facts. */
  get changed(): boolean {
    return this.#changed;
  }

  get waiting(): number {
    return this.#pending.size;
  }

  note(change: MetricChange): void {
    this.#changed = true;
    if (change.reset) this.#restart();
    if (this.#reset) return;
    for (const point of change.points) this.#pending.set(`${point.start}|${point.dims}`, point);
    if (this.#pending.size > MAX_PENDING_POINTS) this.#restart();
  }

  /** Everything the screen may hold is void: the next update replaces it. */
  #restart(): void {
    this.#reset = true;
    this.#pending.clear();
  }

  /** The whole content, for a screen that just joined or lost count. */
  snapshot(): ChannelUpdate | null {
    this.#restart();
    return this.take();
  }

  /**
   * Hands over what is pending together with the facts of this very turn, so that a frontier never travels without its values (FD4).
   * Null while the metric has no facts; what is pending stays.
   */
  take(): ChannelUpdate | null {
    this.#changed = false;
    const facts = this.#view.facts(this.metric);
    if (facts === null) return null;
    const since = this.#since(facts);
    const reset = this.#reset;
    const points = reset
      ? this.#content(since)
      : [...this.#pending.values()].filter((point) => point.end > (since ?? 0));
    this.#pending.clear();
    // Without a clock the range is not known yet: the next update replaces this one.
    this.#reset = reset && since === null;
    return { panel: this.#panel.id, reset, points, facts };
  }

  #since(facts: FreshnessFacts): number | null {
    const now = this.#view.clusterNow()?.at ?? null;
    return pointsSince(this.#panel, this.#face.windowMs, now, facts.closing);
  }

  #content(since: number | null): Point[] {
    const inRange = since === null ? [] : this.#view.points(this.metric, since);
    // A metric that is quiet for longer than the panel's range still shows its last value, dimmed, beside its window (SEMANTICS 2.11).
    if (inRange.length === 0) return newestWindow(this.#view.points(this.metric, 0));
    if (inRange.length <= MAX_SNAPSHOT_POINTS) return [...inRange];
    return [...inRange].sort((a, b) => b.start - a.start).slice(0, MAX_SNAPSHOT_POINTS);
  }
}

function newestWindow(points: readonly Point[]): Point[] {
  let newest = -1;
  for (const { start } of points) newest = Math.max(newest, start);
  return points.filter(({ start }) => start === newest).slice(0, MAX_SNAPSHOT_POINTS);
}
