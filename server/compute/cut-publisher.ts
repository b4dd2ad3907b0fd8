import type { Inputs, MetricValue } from '#lib/contracts/metric-record.ts';
import { isRetryable } from '#lib/errors/app-error.ts';
import type { Cell, MetricState } from '#lib/engine/metric-state.ts';
import type { TaskState } from '#lib/engine/task-state.ts';
import { epochMs, type MonoMs } from '#lib/time/instant.ts';
import type { ComputeParts } from '#server/compute/compute-parts.ts';
import type { HopWatch } from '#server/compute/hop-watch.ts';
import type { ValueLog } from '#server/compute/value-log.ts';
import { observeAcks } from '#server/compute/observe-acks.ts';
import { splitValueKey } from '#server/compute/value-key.ts';
import { valueRecord, withdrawalRecord, type CutFacts } from '#server/compute/value-records.ts';
import { Wake } from '#server/compute/wake.ts';
import { pause } from '#server/lifecycle/pause.ts';
import type { LogAppend, LogRecord, LogWriter } from '#server/ports/log-writer.ts';

/** Text of one append stays below the broker's default message.max.bytes (1 MiB) with room for the envelope. */
const MAX_BATCH_CHARS = 400_000;
const RETRY_MS = 300;

/** What of a metric's publishing is not in its state. */
export interface MetricPublication {
  readonly metric: MetricState;
  generation: number;
  /** Keys seen in the metric topic that state does not answer for yet. */
  readonly orphans: Set<string>;
  /** Offset after our last acknowledged record; a hub may use our progress once it is there (SEMANTICS 4.3). */
  through: number;
}

interface CutVector {
  readonly inputs: ReadonlyMap<string, number>;
  /** Per metric, in the state's order. */
  readonly closings: readonly (number | null)[];
}

interface Sent {
  readonly publication: MetricPublication;
  readonly cell: Cell | null;
  readonly touched: number;
  readonly orphan: string | null;
}

/**
 * Publishes one task's complete cuts (SEMANTICS 3, 4.2): every dirty key of all its metrics at one vector of inputs, and only when all are
 * acknowledged does the frontier move (PB4). One cut is in flight at a time; nothing queues: what changes meanwhile is in the next cut.
 */
export class CutPublisher {
  readonly publications: readonly MetricPublication[];
  readonly hops: HopWatch;
  /** Complete cuts since the task began. */
  cut: number;
  /** First offset per partition that is not applied and published. */
  published: ReadonlyMap<string, number> = new Map();
  /** Cluster clock; never moves back. */
  frontier: number | null;
  /** Called after each complete cut that carried values. */
  onCut: () => void = () => undefined;
  /** Send instant of the last good answer about the partition list; bounds the frontier (SEMANTICS 1.5). */
  listSeenAt: () => number | null = () => null;
  readonly #state: TaskState;
  readonly #floor: Map<string, { id: string | null; next: number }>;
  readonly #parts: ComputeParts;
  readonly #log: ValueLog;
  readonly #writer: LogWriter;
  readonly #emitEveryMs: number;
  readonly #wake = new Wake();
  #lastCutAt = -Infinity as MonoMs;
  #sending = false;

  constructor(
    state: TaskState,
    saved: {
      readonly publications: readonly MetricPublication[];
      readonly cut: number;
      readonly frontier: number | null;
      readonly floor: readonly (readonly [string, string | null, number])[];
    },
    parts: ComputeParts,
    tools: { log: ValueLog; writer: LogWriter; hops: HopWatch; emitEveryMs: number },
  ) {
    this.#state = state;
    this.publications = saved.publications;
    this.cut = saved.cut;
    this.frontier = saved.frontier;
    this.#floor = new Map(saved.floor.map(([key, id, next]) => [key, { id, next }]));
    this.#parts = parts;
    this.#log = tools.log;
    this.#writer = tools.writer;
    this.hops = tools.hops;
    this.#emitEveryMs = tools.emitEveryMs;
  }

  get floor(): readonly (readonly [string, string | null, number])[] {
    return [...this.#floor].map(([key, { id, next }]) => [key, id, next]);
  }

  /** Whether sending must wait until the inputs reach what was already published (SEMANTICS 3.2). */
  get held(): boolean {
    for (const [key, { id, next }] of this.#floor) {
      const partition = this.#state.partitions.get(key);
      if (partition && partition.id === id && partition.next < next) return true;
      this.#floor.delete(key);
    }
    return false;
  }

  /** A record in the metric topic that the checkpoint did not know, or that somebody else wrote: its key has to be sent again. */
  found(publication: MetricPublication, key: string, value: MetricValue | null): void {
    const at = splitValueKey(key);
    if (!at) return;
    const cell = publication.metric.find(at.start, at.dims);
    if (cell) publication.metric.touch(cell);
    // Also with a cell: it may be an empty one that only counts late records, and then the key has to be withdrawn.
    publication.orphans.add(key);
    if (value?.inputs) this.#raiseFloor(value.inputs);
    this.#wake.ring();
  }

  partitionOf(metric: string, version: string): number {
    return this.#log.partitionOf(metric, version);
  }

  /** Call after every change of state: a cut without dirty keys is complete at once, another one is due. */
  consider(): void {
    if (this.held || this.#sending) return;
    if (this.#isDirty()) this.#wake.ring();
    else this.#complete(this.#vector());
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#wake.wait(signal);
      const wait = this.#lastCutAt + this.#emitEveryMs - this.#parts.clock.monotonic();
      if (wait > 0) await pause(wait, signal);
      if (signal.aborted || this.held || !this.#isDirty()) continue;
      await this.#send(signal);
      this.consider();
    }
  }

  #raiseFloor(inputs: Inputs): void {
    for (const [key, { id, next }] of Object.entries(inputs)) {
      const floor = this.#floor.get(key);
      if (!floor || floor.id !== id || floor.next < next) this.#floor.set(key, { id, next });
    }
  }

  #isDirty(): boolean {
    return this.publications.some(
      ({ metric, orphans }) => metric.dirty.size > 0 || orphans.size > 0,
    );
  }

  /** What a cut speaks for, taken in one turn with its values: later records may be applied while it is in flight. */
  #vector(): CutVector {
    return {
      inputs: new Map([...this.#state.partitions].map(([key, { next }]) => [key, next])),
      closings: this.#state.metrics.map((metric) => this.#state.closing(metric)),
    };
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { clock, clusterClock, failpoint, logger } = this.#parts;
    this.#sending = true;
    try {
      this.#lastCutAt = clock.monotonic();
      const vector = this.#vector();
      const sent = this.#collect();
      for (const chunk of sent) {
        const acks = await this.#writer.append(chunk.appends);
        observeAcks(clusterClock, acks);
        for (const ack of acks.acks) {
          const count =
            chunk.appends.find(({ partition }) => partition === ack.partition)?.records.length ?? 0;
          this.#log.acknowledged(ack.partition, ack.baseOffset, count);
          for (const publication of chunk.publications) {
            const { plan } = publication.metric.program;
            if (this.#log.partitionOf(plan.metric, plan.version) === ack.partition)
              publication.through = Math.max(publication.through, ack.baseOffset + count);
          }
        }
        failpoint('compute/acknowledged');
        for (const { publication, cell, touched, orphan } of chunk.sent) {
          if (cell) publication.metric.acknowledge(cell, touched);
          if (orphan !== null) publication.orphans.delete(orphan);
        }
      }
      this.#complete(vector);
      this.onCut();
    } catch (error) {
      if (!isRetryable(error)) throw error;
      // Every value is absolute: what stays dirty is simply sent again, newer.
      logger.warn('compute:publish-failed', { code: error.code, message: error.message });
      await pause(RETRY_MS, signal);
      this.#wake.ring();
    } finally {
      this.#sending = false;
    }
  }

  /** Everything up to the vector is published: passes the proofs it covers. */
  #complete({ inputs, closings }: CutVector): void {
    this.published = inputs;
    let least = this.listSeenAt();
    for (const [key, partition] of this.#state.partitions) {
      const passed = partition.proofs.publish(inputs.get(key) ?? 0);
      least = least === null || passed === null ? null : Math.min(least, passed);
    }
    this.#state.metrics.forEach((metric, i) => (metric.closing = closings[i] ?? metric.closing));
    if (least !== null && this.#state.partitions.size > 0)
      this.frontier = Math.max(this.frontier ?? 0, least);
    this.cut += 1;
  }

  /** Records of every dirty key, in appends the broker takes. Reading state is synchronous: one vector of inputs for all. */
  #collect() {
    const { clock, clusterClock, instance, build, topics } = this.#parts;
    const inputs = JSON.stringify(this.#state.inputs());
    const now = clusterClock.read(clock.monotonic());
    const emittedAt = now === null ? null : epochMs(now.at);
    const chunks: { appends: LogAppend[]; sent: Sent[]; publications: Set<MetricPublication> }[] =
      [];
    let room = 0;
    const add = (
      publication: MetricPublication,
      record: LogRecord,
      sent: Omit<Sent, 'publication'>,
    ) => {
      const { plan } = publication.metric.program;
      const partition = this.#log.partitionOf(plan.metric, plan.version);
      const size = (record.value?.length ?? 0) + (record.key?.length ?? 0);
      let chunk = chunks.at(-1);
      if (!chunk || size > room) {
        chunks.push((chunk = { appends: [], sent: [], publications: new Set() }));
        room = MAX_BATCH_CHARS;
      }
      room -= size;
      let append = chunk.appends.find((a) => a.partition === partition);
      if (!append) chunk.appends.push((append = { topic: topics.values, partition, records: [] }));
      (append.records as LogRecord[]).push(record);
      chunk.sent.push({ publication, ...sent });
      chunk.publications.add(publication);
    };
    for (const publication of this.publications) {
      const { metric, generation, orphans } = publication;
      const { plan } = metric.program;
      const { latenessMs, horizonMs } = plan.closure;
      const facts = {
        generation,
        instance,
        build,
        frontier: this.frontier,
        closing: metric.closing,
        inputs,
        emittedAt,
      };
      for (const cell of metric.dirty) {
        if (cell.in === 0) {
          // Only late records so far: there is no value to publish (SEMANTICS 2.11).
          metric.acknowledge(cell, cell.touched);
          continue;
        }
        const isPartial = this.#state.isPartial(cell.start, cell.start + metric.sizeMs, latenessMs);
        const cut: CutFacts = { ...facts, isPartial };
        this.hops.emitted({ ...cell, emittedAt });
        add(publication, valueRecord(metric, cell, cut), {
          cell,
          touched: cell.touched,
          orphan: null,
        });
      }
      for (const key of orphans) {
        const at = splitValueKey(key);
        const cell = at && metric.find(at.start, at.dims);
        const closed =
          at !== null &&
          this.#state.furthest !== null &&
          this.#state.furthest >= at.start + metric.sizeMs + latenessMs + horizonMs;
        if (!at || closed || (cell && cell.in > 0)) {
          // State answers for it (the cell above is dirty), or the window is past its horizon and stands as it is.
          orphans.delete(key);
          continue;
        }
        const named = { name: plan.metric, version: plan.version, sizeMs: metric.sizeMs };
        add(publication, withdrawalRecord(named, at, { ...facts, isPartial: false }), {
          cell: null,
          touched: 0,
          orphan: key,
        });
      }
    }
    return chunks;
  }
}
