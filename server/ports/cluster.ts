import type { LogReader } from '#server/ports/log-reader.ts';
import type { LogWriter } from '#server/ports/log-writer.ts';
import type { TopicCatalog } from '#server/ports/topic-catalog.ts';

export interface ReaderOptions {
  /** Longest the broker may hold an empty answer back, ms (default 250): the cadence of proofs on a quiet topic. */
  readonly maxWaitMs?: number;
  /** Bytes per answer (default 8 MiB) and per partition in it (default 1 MiB). */
  readonly maxBytes?: number;
  readonly maxPartitionBytes?: number;
}

/** A Kafka-compatible cluster. Whoever opens a reader, writer or catalog closes it. */
export interface Cluster {
  readonly name: string;
  openReader(options?: ReaderOptions): LogReader;
  openWriter(): Promise<LogWriter>;
  openCatalog(): Promise<TopicCatalog>;
}
