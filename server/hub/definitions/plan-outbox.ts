import { once, EventEmitter } from 'node:events';
import { planKey } from '#lib/contracts/plan.ts';
import { pause } from '#server/lifecycle/pause.ts';
import type { Logger } from '#server/ports/logger.ts';
import type { LogRecord, LogWriter } from '#server/ports/log-writer.ts';
import type { StoredDefinition } from '#server/ports/hub-store.ts';

/** Delay before the first new try and the longest one, ms. */
const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 10_000;
/** The definitions topic has this one partition: its order is the order of changes. */
const PARTITION = 0;

export interface OutboxParts {
  readonly writer: LogWriter;
  /** The definitions topic. */
  readonly topic: string;
  readonly logger: Logger;
  /** Rows of metrics whose plan or tombstone is not acknowledged, as they are now. */
  readonly pending: () => readonly StoredDefinition[];
  /** Called once the definitions topic holds these rows. */
  readonly acknowledged: (rows: readonly StoredDefinition[]) => Promise<void>;
}

/**
 * Carries stored plans to the definitions topic (DF13). What is stored and not acknowledged is sent again, also after a restart; a plan sent
 * twice says the same twice, and the newest is always sent last.
 */
export class PlanOutbox {
  readonly #parts: OutboxParts;
  readonly #bell = new EventEmitter();

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Tells a waiting `run` that something is pending. */
  ring(): void {
    this.#bell.emit('ring');
  }

  /** Sends what is pending now and resolves with how many metrics that were. Rejects as the writer does; everything stays pending then. */
  async publish(): Promise<number> {
    const { writer, topic, pending, acknowledged } = this.#parts;
    const rows = pending();
    if (rows.length === 0) return 0;
    await writer.append([{ topic, partition: PARTITION, records: rows.map(recordOf) }]);
    await acknowledged(rows);
    return rows.length;
  }

  /** Publishes now and after every ring, again and again while the cluster is away. Ends when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let delayMs = RETRY_FIRST_MS;
    while (!signal.aborted) {
      try {
        const published = await this.publish();
        delayMs = RETRY_FIRST_MS;
        if (published > 0) this.#parts.logger.info('definitions:published', { metrics: published });
        // Nothing runs between the look at what is pending and the wait, so no ring is missed.
        if (this.#parts.pending().length === 0) await this.#rung(signal);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#parts.logger.warn('definitions:unpublished', { reason, retryInMs: delayMs });
        await pause(delayMs, signal);
        delayMs = Math.min(RETRY_MAX_MS, delayMs * 2);
      }
    }
  }

  async #rung(signal: AbortSignal): Promise<void> {
    try {
      await once(this.#bell, 'ring', { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** A removed metric has no plan: its record is a tombstone. */
const recordOf = ({ name, plan }: StoredDefinition): LogRecord => ({
  key: planKey(name),
  value: plan === null ? null : JSON.stringify(plan),
});
