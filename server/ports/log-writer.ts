import type { EpochMs, MonoMs } from '#lib/time/instant.ts';

export interface LogRecord {
  readonly key: string | null;
  /** UTF-8 text, or null for a tombstone. */
  readonly value: string | null;
  /** CreateTime in epoch ms; ignored on LogAppendTime topics. Now when absent. */
  readonly timestamp?: number;
}

export interface LogAppend {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
}

export interface LogAck {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first record; the others follow without a gap. */
  readonly baseOffset: number;
  /** Broker's clock on LogAppendTime topics, else null. */
  readonly appendedAt: EpochMs | null;
}

export interface LogAcks {
  readonly acks: readonly LogAck[];
  /** Our monotonic clock around the request: with `appendedAt` it measures the cluster's clock (SEMANTICS 4.4). */
  readonly sentAt: MonoMs;
  readonly ackedAt: MonoMs;
}

/**
 * Appends with acks=all, idempotent: calls are carried out one after another in the order they were made; records of one LogAppend are
 * one batch. Rejects with AppError (`kafka/unreachable`, `kafka/authorization`, `kafka/topic-missing`) once it has given up; what was sent may
 * or may not be in the log then, so the caller sends absolute values again.
 */
export interface LogWriter {
  append(appends: readonly LogAppend[]): Promise<LogAcks>;
  close(): Promise<void>;
}
