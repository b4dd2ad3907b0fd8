import { AppError } from '#lib/errors/app-error.ts';
import { epochMs } from '#lib/time/instant.ts';
import type { LogAck, LogAcks, LogAppend, LogWriter } from '#server/ports/log-writer.ts';
import type { MemoryTopics } from '#server/memory/memory-topics.ts';

/** An append to a cluster that is away is tried this long, ms of the cluster's clock, as the Kafka adapter does. */
const GIVE_UP_MS = 30_000;
const TEXT = new TextEncoder();

/** What a test has arranged for the next append of any writer of the cluster. */
export type AppendFault =
  /** Appended, but the writer never hears of it and rejects. */
  | 'lose-ack'
  /** Not appended; the writer rejects. */
  | 'refuse';

export class MemoryLogWriter implements LogWriter {
  readonly #topics: MemoryTopics;
  readonly #takeFault: () => AppendFault | undefined;
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(topics: MemoryTopics, takeFault: () => AppendFault | undefined) {
    this.#topics = topics;
    this.#takeFault = takeFault;
  }

  append(appends: readonly LogAppend[]): Promise<LogAcks> {
    const mine = this.#last.then(() => this.#append(appends));
    this.#last = mine.catch(() => {}); // the next one does not depend on how this one ends
    return mine;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#last;
  }

  async #append(appends: readonly LogAppend[]): Promise<LogAcks> {
    const sentAt = this.#topics.clock.monotonic();
    while (this.#topics.reachability !== 'answers' && !this.#closing.signal.aborted) {
      const left = GIVE_UP_MS - (this.#topics.clock.monotonic() - sentAt);
      if (left <= 0) throw this.#unreachable();
      await this.#topics.nextChange(left, this.#closing.signal);
    }
    if (this.#closing.signal.aborted) throw this.#unreachable();
    const fault = this.#takeFault();
    if (fault === 'refuse') throw this.#unreachable();
    for (const { topic, partition } of appends) this.#topics.log(topic, partition); // all of them, or none
    const acks = appends.filter(({ records }) => records.length > 0).map((a) => this.#write(a));
    this.#topics.changed();
    if (fault === 'lose-ack') throw this.#unreachable();
    return { acks, sentAt, ackedAt: this.#topics.clock.monotonic() };
  }

  #write({ topic, partition, records }: LogAppend): LogAck {
    const log = this.#topics.log(topic, partition);
    const now = this.#topics.clock.now();
    const at = this.#topics.brokerNow();
    const encoded = records.map(({ key, value, timestamp = now }) => ({
      key: key === null ? null : TEXT.encode(key),
      value: value === null ? null : TEXT.encode(value),
      timestamp,
    }));
    const baseOffset = log.append(encoded, at);
    return {
      topic,
      partition,
      baseOffset,
      appendedAt: log.timestampType === 'append' ? epochMs(at) : null,
    };
  }

  #unreachable(): AppError {
    return new AppError(
      'kafka/unreachable',
      `Records could not be written: cluster ${this.#topics.clusterName} does not answer. Check that its brokers run.`,
    );
  }
}
