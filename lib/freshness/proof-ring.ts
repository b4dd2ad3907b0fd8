/** A request sent at `seenAt` (cluster clock, epoch ms) found the partition's end at `end`. */
export interface Proof {
  readonly end: number;
  readonly seenAt: number;
}

/** Proofs kept at most; beyond it every second of the older half is dropped, which only makes the answer older (P3). */
const CAPACITY = 128;

/**
 * Frontier of one partition: the newest `seenAt` whose `end` ≤ the published `next` (SEMANTICS 4.1, FR10). One rule for backlog, silence, open
 * transactions and outages: a proof waits here until everything it found is published.
 */
export class ProofRing {
  #waiting: Proof[];
  #frontier: number | null;

  constructor(frontier: number | null = null, waiting: readonly Proof[] = []) {
    this.#frontier = frontier;
    this.#waiting = [...waiting];
  }

  /** Everything appended before this instant is published; null before the first passed proof. */
  get frontier(): number | null {
    return this.#frontier;
  }

  get waiting(): readonly Proof[] {
    return this.#waiting;
  }

  /** Adds the proof of one answer. A proof with the same end as the last one replaces it: it needs no more and says more. */
  push(proof: Proof): void {
    const last = this.#waiting.at(-1);
    if (last && proof.seenAt <= last.seenAt) return;
    if (last && proof.end <= last.end) {
      // An end never moves back but in a replaced log, which starts a new ring.
      this.#waiting[this.#waiting.length - 1] = { end: last.end, seenAt: proof.seenAt };
      return;
    }
    this.#waiting.push(proof);
    if (this.#waiting.length > CAPACITY) {
      this.#waiting = this.#waiting.filter((_, i) => i % 2 === 1 || i > CAPACITY / 2);
    }
  }

  /** All records below `next` are published: passes every proof that asks for no more. Returns the frontier. */
  publish(next: number): number | null {
    let passed = 0;
    for (const proof of this.#waiting) {
      if (proof.end > next) break;
      this.#frontier = Math.max(this.#frontier ?? 0, proof.seenAt);
      passed += 1;
    }
    if (passed > 0) this.#waiting.splice(0, passed);
    return this.#frontier;
  }
}
