import type { RecordBatch } from '#lib/log/record-batch.ts';
import type { MonoMs } from '#lib/time/instant.ts';

export interface LogPosition {
  readonly topic: string;
  readonly partition: number;
  /** First offset wanted. */
  readonly next: number;
}

export type PartitionProblem =
  /** The asked offset is below the log's start (deleted by retention) or past its end (log replaced). */
  | { readonly kind: 'out-of-range'; readonly start: number; readonly end: number }
  /** A batch whose CRC or structure is wrong; this partition stops, the others go on. */
  | { readonly kind: 'corrupt'; readonly offset: number; readonly message: string }
  /** The topic or partition does not exist (any more). */
  | { readonly kind: 'missing' };

/** What one answered fetch says of one partition. An empty one proves just as much as a full one. */
export interface PartitionAnswer {
  readonly topic: string;
  readonly partition: number;
  /** Offset that was asked for. */
  readonly asked: number;
  /** Offset to go on from once `batches` are applied; it passes control and aborted batches. */
  readonly next: number;
  /** High watermark: what is appended lies below it. Null with a problem that hides it. */
  readonly end: number | null;
  /** Last stable offset: below `end` while a transaction is open. */
  readonly stable: number | null;
  /** Log start. */
  readonly start: number | null;
  /** Committed data only, ascending; the first may begin below `asked`: pass `asked` to RecordCursor. */
  readonly batches: readonly RecordBatch[];
  readonly problem: PartitionProblem | null;
}

/** One answered fetch request to one broker. */
export interface LogAnswer {
  /** Our monotonic clock just before the request was written: the answer proves the log as of then, or later. */
  readonly sentAt: MonoMs;
  readonly receivedAt: MonoMs;
  readonly partitions: readonly PartitionAnswer[];
}

/**
 * Reads assigned partitions, read-committed, without a group (DECISIONS.md 2). The contract is log-reader.contract.ts (rules LR).
 *
 * Positions move by themselves when an answer is *taken*: the next request to that broker leaves only after the consumer asks
 * for the next answer (back-pressure; at most one untaken answer per broker). A failed request yields nothing and is tried again for ever with
 * back-off; silence is for the caller to see by its own clock. A partition with a problem is not asked again until it is assigned anew.
 */
export interface LogReader {
  /** Adds partitions or moves them; an answer to a request already sent for an older position is dropped for that partition. */
  assign(positions: readonly LogPosition[]): void;
  release(partitions: readonly { readonly topic: string; readonly partition: number }[]): void;
  /** Since when (monotonic) a request that covers this partition is out or failing without an answer; null when the last one was answered. */
  silentSince(topic: string, partition: number): MonoMs | null;
  /** Ends without an error when `signal` aborts. Call it once; the reader closes its connections when the loop ends. */
  read(signal: AbortSignal): AsyncIterable<LogAnswer>;
}
