import type { BatchHeader } from '#lib/log/batch-header.ts';

/** One aborted transaction as a fetch answer lists it: from `firstOffset` on, until its marker, this producer's batches do not count. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** Type of a control record that ends an aborted transaction; 1 commits (Kafka protocol guide, control batch). */
const ABORT_MARKER = 0;

/**
 * Decides batch by batch, in the order of one fetch answer, which hold committed data (read-committed, KIP-98). A later transaction of the same
 * producer counts again once the marker of the aborted one has passed. The list of the answer covers the answer alone: make one filter for each.
 */
export class AbortedFilter {
  readonly #waiting: AbortedTransaction[];
  readonly #aborting = new Set<number>();

  constructor(aborted: readonly AbortedTransaction[]) {
    // Brokers list them by the offset of their marker; they begin to count by their first offset.
    this.#waiting = aborted.toSorted((a, b) => b.firstOffset - a.firstOffset);
  }

  /** @param controlType type of the control record, for control batches; null otherwise */
  isData(header: BatchHeader, controlType: number | null): boolean {
    for (let next = this.#waiting.at(-1); next !== undefined; next = this.#waiting.at(-1)) {
      if (next.firstOffset > header.lastOffset) break;
      this.#aborting.add(next.producerId);
      this.#waiting.pop();
    }
    if (header.isControl) {
      if (controlType === ABORT_MARKER) this.#aborting.delete(header.producerId);
      return false;
    }
    return !(header.isTransactional && this.#aborting.has(header.producerId));
  }
}
