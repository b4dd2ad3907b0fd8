import { epochMs, type EpochMs, type MonoMs } from '#lib/time/instant.ts';

/** Quartz drift assumed between two machines, ms per ms: 200 ppm, twice what NTP calls an acceptable oscillator (RFC 5905 PHI is 15 ppm). */
const DRIFT = 0.0002;
/** Kafka timestamps are whole milliseconds cut off, so a sample is late by up to this. */
const TRUNCATION_MS = 1;

interface Sample {
  /** cluster − monotonic, the middle of what the sample allows. */
  readonly offset: number;
  readonly boundMs: number;
  readonly takenAt: MonoMs;
}

export interface ClusterInstant {
  readonly at: number;
  /** The true cluster time lies within ± this of `at`. */
  readonly errorMs: number;
}

/**
 * The cluster's clock as one process knows it: its monotonic clock plus an offset measured by produce answers on LogAppendTime
 * topics (SEMANTICS 4.4, Cristian's algorithm). The bound grows with drift until a better answer arrives.
 */
export class ClusterClock {
  #best: Sample | null = null;

  /** One answered append: the broker stamped `stampedAt` somewhere between `sentAt` and `ackedAt` of our clock. */
  observe(sentAt: MonoMs, ackedAt: MonoMs, stampedAt: number): void {
    const boundMs = (ackedAt - sentAt + TRUNCATION_MS) / 2;
    const offset = stampedAt + TRUNCATION_MS / 2 - (sentAt + ackedAt) / 2;
    const sample: Sample = { offset, boundMs, takenAt: ackedAt };
    const held = this.#best;
    if (held === null) {
      this.#best = sample;
      return;
    }
    const heldBound = held.boundMs + (ackedAt - held.takenAt) * DRIFT;
    // Two intervals that do not meet: the broker's clock stepped (or another broker answered), and only the newest is true now.
    const stepped = Math.abs(offset - held.offset) > boundMs + heldBound;
    if (stepped || boundMs <= heldBound) this.#best = sample;
  }

  /** Forgets what was measured: after a sleep or a step of this machine (SEMANTICS 4.4). */
  reset(): void {
    this.#best = null;
  }

  /** Null until the first answer. */
  read(mono: MonoMs): ClusterInstant | null {
    const held = this.#best;
    if (held === null) return null;
    return {
      at: mono + held.offset,
      errorMs: held.boundMs + Math.max(0, mono - held.takenAt) * DRIFT,
    };
  }

  /** The earliest the cluster's clock can have shown at `mono`: what a proof may claim (P3). Null until the first answer. */
  earliest(mono: MonoMs): EpochMs | null {
    const read = this.read(mono);
    return read === null ? null : epochMs(Math.max(0, read.at - read.errorMs));
  }
}
