import type { Inputs } from '#lib/contracts/metric-record.ts';
import type { PlanStream } from '#lib/contracts/plan.ts';
import { closingOf } from '#lib/engine/drain.ts';
import { eventTimeOf } from '#lib/engine/event-time.ts';
import { InvalidRecord, NeedsDigits, parseKeepingDigits } from '#lib/engine/invalid-record.ts';
import type { Evaluation } from '#lib/engine/metric-program.ts';
import type { FetchInstants, MetricState } from '#lib/engine/metric-state.ts';
import type { PartitionState } from '#lib/engine/partition-state.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A record that could not be counted, for the stream (`metric` null) or for one metric. */
export interface InvalidNote {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly metric: string | null;
  readonly reason: string;
  /** The parsed record where it could be parsed; mask it by field class before it leaves. */
  readonly payload: JsonObject | null;
}

/**
 * State of one task: several metrics that share one read and one parse of a stream, from equal offsets. A function of the records
 * applied: partitions may interleave and batches may be cut anywhere (EN5).
 */
export class TaskState {
  readonly stream: PlanStream;
  readonly partitions = new Map<string, PartitionState>();
  readonly metrics: MetricState[];
  /** The stream's furthest event clock, epoch ms; decides expiry only. */
  furthest: number | null = null;

  constructor(stream: PlanStream, metrics: readonly MetricState[]) {
    this.stream = stream;
    this.metrics = [...metrics];
  }

  addPartition(partition: PartitionState): void {
    this.partitions.set(partition.key, partition);
    this.#see(partition.clock.at);
  }

  inputs(): Inputs {
    const inputs: Inputs = {};
    for (const [key, partition] of this.partitions) inputs[key] = partition.range();
    return inputs;
  }

  isPartial(start: number, end: number, latenessMs: number): boolean {
    for (const partition of this.partitions.values())
      if (partition.isPartial(start, end, latenessMs)) return true;
    return false;
  }

  /** Closing of a metric as of the records applied now (SEMANTICS 2.4), never before what was already said; null while unknown. */
  closing(metric: MetricState): number | null {
    let least: number | null = null;
    for (const { clock, storedDrain } of this.partitions.values()) {
      const closing = closingOf(clock.at, storedDrain, metric.program.plan.closure.latenessMs);
      if (closing === null) return metric.closing;
      least = least === null ? closing : Math.min(least, closing);
    }
    return least === null ? metric.closing : Math.max(metric.closing ?? 0, least);
  }

  /** Applies one record and moves the partition's clock. The caller moves `next`. */
  apply(
    partition: PartitionState,
    record: { readonly offset: number; readonly timestamp: number; readonly text: string | null },
    instants: FetchInstants,
    onInvalid: (note: InvalidNote) => void,
  ): void {
    const { offset, timestamp, text } = record;
    if (partition.startAt !== null) {
      if (timestamp < partition.startAt) {
        partition.from = offset + 1;
        return;
      }
      partition.startAt = null;
    }
    const note = (reason: string, metric: string | null, payload: JsonObject | null) =>
      onInvalid({
        topic: partition.topic,
        partition: partition.partition,
        offset,
        timestamp,
        metric,
        reason,
        payload,
      });
    const refuse = (reason: string, payload: JsonObject | null) => {
      for (const { counts } of this.metrics) {
        counts.read += 1;
        counts.invalid += 1;
      }
      note(reason, null, payload);
    };

    const raw = parseObject(text);
    if (raw === null)
      return refuse(
        text === null ? 'the record has no value' : 'the value is not a JSON object',
        null,
      );
    const eventAt = eventTimeOf(this.stream.eventTime, raw, timestamp);
    if (eventAt === null) return refuse(noEventTime(this.stream), raw);
    if (eventAt > timestamp + this.stream.aheadMs)
      return refuse('the event time is from the future', raw);

    const clock = partition.clock.at;
    let digits: JsonObject | null = null;
    for (const metric of this.metrics) {
      metric.counts.read += 1;
      let evaluation: Evaluation | null;
      try {
        try {
          evaluation = metric.program.evaluate(raw);
        } catch (error) {
          if (!(error instanceof NeedsDigits)) throw error;
          digits ??= parseKeepingDigits(text ?? '') as JsonObject;
          evaluation = metric.program.evaluate(digits);
        }
      } catch (error) {
        if (!(error instanceof InvalidRecord)) throw error;
        metric.counts.invalid += 1;
        note(error.message, metric.program.plan.metric, raw);
        continue;
      }
      if (evaluation === null) metric.counts.filtered += 1;
      else metric.apply(evaluation, eventAt, timestamp, clock, this.furthest, instants);
    }
    const partialBefore = partition.noteEvent(eventAt);
    if (partialBefore !== null)
      for (const metric of this.metrics) metric.touchBefore(partialBefore);
    partition.clock.advance(eventAt);
    this.#see(partition.clock.at);
  }

  #see(clock: number | null): void {
    if (clock !== null && (this.furthest === null || clock > this.furthest)) this.furthest = clock;
  }
}

function parseObject(text: string | null): JsonObject | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : null;
  } catch {
    return null;
  }
}

function noEventTime({ eventTime }: PlanStream): string {
  return eventTime.as === 'record'
    ? 'the record has no timestamp'
    : `no event time: field \`${eventTime.field}\` is not ${eventTime.as}`;
}
