import type { HopSummary } from '#lib/contracts/progress.ts';
import { Sketch } from '#lib/freshness/sketch.ts';
import type { MonoMs } from '#lib/time/instant.ts';

/** Hops are told of the last minute, in slices this long. */
const SLICE_MS = 10_000;
const SLICES = 6;

type Hop = 'ingest' | 'stream' | 'compute';

interface Slice {
  readonly since: number;
  readonly hops: Readonly<Record<Hop, Sketch>>;
}

/** The last minute of a task's hops (SEMANTICS 4.6). Lengths are ms; a negative one is clock skew and kept as such. */
export class HopWatch {
  #slices: Slice[] = [];

  /** A batch that arrived: how long its newest record waited in the log. */
  fetched(appendedAt: number, fetchedAt: number | null, count: number): void {
    if (fetchedAt !== null && count > 0) this.#now().stream.add(fetchedAt - appendedAt);
  }

  /** A value that left: how long its newest record took to its append, and from the fetch to the emission. */
  emitted(cell: {
    readonly eventAt: number | null;
    readonly appendedAt: number | null;
    readonly fetchedAt: number | null;
    readonly emittedAt: number | null;
  }): void {
    const { eventAt, appendedAt, fetchedAt, emittedAt } = cell;
    if (eventAt !== null && appendedAt !== null) this.#now().ingest.add(appendedAt - eventAt);
    if (fetchedAt !== null && emittedAt !== null) this.#now().compute.add(emittedAt - fetchedAt);
  }

  /** Starts a new slice when the last one is full and forgets what is older than a minute. */
  turn(mono: MonoMs): void {
    const last = this.#slices.at(-1);
    if (last && mono - last.since < SLICE_MS) return;
    const fresh = { ingest: new Sketch(), stream: new Sketch(), compute: new Sketch() };
    this.#slices = [...this.#slices.slice(1 - SLICES), { since: mono, hops: fresh }];
  }

  summary(hop: Hop): HopSummary | null {
    const all = new Sketch();
    for (const { hops } of this.#slices) all.merge(hops[hop]);
    const [p50, p95, p99] = [all.quantile(0.5), all.quantile(0.95), all.quantile(0.99)];
    return p50 === null || p95 === null || p99 === null
      ? null
      : { count: all.count, p50, p95, p99 };
  }

  #now(): Slice['hops'] {
    const last = this.#slices.at(-1);
    if (last) return last.hops;
    const hops = { ingest: new Sketch(), stream: new Sketch(), compute: new Sketch() };
    this.#slices = [{ since: 0, hops }];
    return hops;
  }
}
