import type { Point } from '#lib/contracts/feed.ts';
import type { MetricProgress } from '#lib/contracts/progress.ts';
import { Aside } from './aside.ts';
import { ProgressFold } from './progress-fold.ts';
import { ValuesFold } from './values-fold.ts';

/** What one answer changed: points by metric and version, and metrics whose facts moved. */
export class AnswerChanges {
  readonly points = new Map<string, { metric: string; version: string; points: Point[] }>();
  readonly facts = new Set<string>();

  add(metric: string, version: string, point: Point): void {
    const id = `${metric}|${version}`;
    const held = this.points.get(id);
    if (held === undefined) this.points.set(id, { metric, version, points: [point] });
    else held.points.push(point);
  }
}

/** All the hub knows from its two topics, and what it counted on the way. Only the reading flow writes it. */
export class HubMemory {
  readonly values = new ValuesFold();
  readonly progress = new ProgressFold((each: MetricProgress) => {
    const { partition } = each.through;
    return {
      claim: this.values.claim(partition, each.metric, each.version),
      next: this.values.next(partition),
    };
  });
  readonly aside = new Aside();
  readonly counts = { values: 0, fenced: 0 };
}
