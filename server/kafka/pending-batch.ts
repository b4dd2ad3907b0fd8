import type { RecordToEncode } from '#lib/log/encode-batch.ts';
import type { LogAppend } from '#server/ports/log-writer.ts';

/** One batch on its way into the log. */
export class PendingBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly RecordToEncode[];
  /** Which of the appends of its call it is. */
  readonly place: number;
  /** It was sent and no answer says that it is not in the log. */
  mayBeAppended = false;
  isAcked = false;
  /** A broker refused it because of the producer's id, epoch or sequence. */
  isDisowned = false;

  /** @param at CreateTime of records that have none, epoch ms */
  constructor(append: LogAppend, place: number, at: number) {
    this.place = place;
    this.topic = append.topic;
    this.partition = append.partition;
    this.records = append.records.map(({ key, value, timestamp = at }) => ({
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      timestamp,
    }));
  }
}
