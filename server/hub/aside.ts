/** A record that does not match its contract. The payload is not kept: it may hold personal fields. */
export interface AsideRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly reason: string;
}

/** How many are kept; the log has them all. */
const KEPT = 100;

/** Records kept aside: counted all, the last hundred with their reason (HB5). */
export class Aside {
  readonly #ring: AsideRecord[] = [];
  count = 0;

  add(record: AsideRecord): void {
    this.count += 1;
    this.#ring.push(record);
    if (this.#ring.length > KEPT) this.#ring.shift();
  }

  /** Oldest first. */
  last(): readonly AsideRecord[] {
    return [...this.#ring];
  }
}
