/** Relative error of every quantile (DDSketch: Masson, Rim, Lee, VLDB 2019). */
export const SKETCH_ERROR = 0.01;

const GAMMA = (1 + SKETCH_ERROR) / (1 - SKETCH_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
/** Lengths below this many milliseconds count as zero: no clock here is finer. */
const SMALLEST_MS = 0.001;

/** Mergeable quantiles of lengths of time in ms. Negative ones are kept as such: they are clock skew, shown and never clamped. */
export class Sketch {
  readonly #positive = new Map<number, number>();
  readonly #negative = new Map<number, number>();
  #zero = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    this.#count += 1;
    if (Math.abs(ms) < SMALLEST_MS) {
      this.#zero += 1;
      return;
    }
    const side = ms > 0 ? this.#positive : this.#negative;
    const bucket = Math.ceil(Math.log(Math.abs(ms)) / LOG_GAMMA);
    side.set(bucket, (side.get(bucket) ?? 0) + 1);
  }

  merge(other: Sketch): void {
    for (const [bucket, n] of other.#positive)
      this.#positive.set(bucket, (this.#positive.get(bucket) ?? 0) + n);
    for (const [bucket, n] of other.#negative)
      this.#negative.set(bucket, (this.#negative.get(bucket) ?? 0) + n);
    this.#zero += other.#zero;
    this.#count += other.#count;
  }

  /** The value at rank q·(count − 1), 0 ≤ q ≤ 1, within SKETCH_ERROR of the true one; null when empty. */
  quantile(q: number): number | null {
    if (this.#count === 0) return null;
    let rank = q * (this.#count - 1);
    for (const [bucket, n] of [...this.#negative].sort(([a], [b]) => b - a)) {
      rank -= n;
      if (rank < 0) return -middle(bucket);
    }
    rank -= this.#zero;
    if (rank < 0) return 0;
    let last = 0;
    for (const [bucket, n] of [...this.#positive].sort(([a], [b]) => a - b)) {
      last = middle(bucket);
      rank -= n;
      if (rank < 0) return last;
    }
    return last;
  }
}

/** The value whose relative distance to both ends of a bucket is equal. */
const middle = (bucket: number): number => (2 * GAMMA ** bucket) / (GAMMA + 1);
