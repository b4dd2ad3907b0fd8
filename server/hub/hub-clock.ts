import { PROGRESS_CONTRACT } from '#lib/contracts/progress.ts';
import { ClockSteps } from '#lib/time/clock-steps.ts';
import { ClusterClock, type ClusterInstant } from '#lib/time/cluster-clock.ts';
import { epochMs, type Clock, type EpochMs, type MonoMs } from '#lib/time/instant.ts';
import { pause } from '#server/lifecycle/pause.ts';
import type { Cluster } from '#server/ports/cluster.ts';
import type { Logger } from '#server/ports/logger.ts';
import type { LogWriter } from '#server/ports/log-writer.ts';

/** The hub appends a heartbeat this often; its answer measures the cluster's clock. */
const BEAT_MS = 1_000;

/**
 * The cluster's clock as the hub knows it (SEMANTICS 4.4): measured by a heartbeat on the progress topic, forgotten when this machine
 * slept or its wall clock stepped. A beat that fails is not an event of its own: the silence of the readers tells.
 */
export class HubClock {
  readonly #parts: {
    readonly cluster: Cluster;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly topic: string;
    readonly instance: string;
  };
  readonly #cluster = new ClusterClock();
  readonly #steps: ClockSteps;
  /** Counts steps: an answer to a beat sent before one measures nothing. */
  #era = 0;

  constructor(parts: {
    readonly cluster: Cluster;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly topic: string;
    readonly instance: string;
  }) {
    this.#parts = parts;
    this.#steps = new ClockSteps(parts.clock);
  }

  /** The cluster's clock now; null until measured, and again after a sleep until the next answer. */
  now(): ClusterInstant | null {
    this.#look();
    return this.#cluster.read(this.#parts.clock.monotonic());
  }

  /** The cluster's clock at an instant of ours; null until measured. */
  at(mono: MonoMs): EpochMs | null {
    const read = this.#cluster.read(mono);
    return read === null ? null : epochMs(Math.max(0, read.at));
  }

  /** Cluster clock where it is known, else this machine's: good enough to decide what is old by hours. */
  roughly(): number {
    return this.now()?.at ?? this.#parts.clock.now();
  }

  /** Beats until `signal` aborts: one append at a time, never queued. */
  async run(signal: AbortSignal): Promise<void> {
    const writer = await this.#parts.cluster.openWriter();
    // An append that waits for a silent cluster must not hold up the end.
    let closing: Promise<void> = Promise.resolve();
    const close = (): void => {
      closing = writer.close();
    };
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true });
    while (!signal.aborted) {
      try {
        await this.#beat(writer);
      } catch (error) {
        this.#parts.logger.debug('hub:beat-failed', { error });
      }
      await pause(BEAT_MS, signal);
    }
    await closing;
  }

  async #beat(writer: LogWriter): Promise<void> {
    const { topic, instance } = this.#parts;
    this.#look();
    const era = this.#era;
    const value = JSON.stringify({ v: PROGRESS_CONTRACT, kind: 'hub', instance });
    const { acks, sentAt, ackedAt } = await writer.append([
      { topic, partition: 0, records: [{ key: `hub|${instance}`, value }] },
    ]);
    this.#look();
    const appendedAt = acks[0]?.appendedAt ?? null;
    if (appendedAt !== null && era === this.#era)
      this.#cluster.observe(sentAt, ackedAt, appendedAt);
  }

  #look(): void {
    if (!this.#steps.stepped()) return;
    this.#era += 1;
    this.#cluster.reset();
    this.#parts.logger.warn('hub:clock-stepped');
  }
}
