import type { HopSummary } from '#lib/contracts/progress.ts';

/** Samples older than this say nothing about now. */
const KEEP_MS = 60_000;
/** Bound on memory: four a second for a minute. */
const KEEP_COUNT = 240;

interface Sample {
  readonly at: number;
  readonly ms: number;
}

/** The last minute of one hop as this screen measured it. Negative lengths are clock skew and stay what they are. */
export class HopSamples {
  #samples: Sample[] = [];

  /** `at` is the tab's monotonic clock. */
  add(at: number, ms: number): void {
    this.#samples = this.#samples
      .filter((sample) => at - sample.at < KEEP_MS)
      .slice(-KEEP_COUNT + 1);
    this.#samples.push({ at, ms });
  }

  /** Null when there is no sample of the last minute. */
  summary(now: number): HopSummary | null {
    const sorted = this.#samples
      .filter((sample) => now - sample.at < KEEP_MS)
      .map((sample) => sample.ms)
      .sort((a, b) => a - b);
    const at = (q: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
    if (sorted.length === 0) return null;
    return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}
