/** Samples older than this are forgotten: long enough to meet a quiet moment of the network, short against drift. */
const KEEP_MS = 60_000;
/** Drift assumed between this machine and the server, ms per ms; as in lib/time/cluster-clock.ts. */
const DRIFT = 0.0002;

interface Sample {
  /** cluster − monotonic. */
  readonly offset: number;
  readonly errorMs: number;
  readonly rttMs: number;
  readonly takenAt: number;
}

export interface ViewerInstant {
  /** The cluster's clock, epoch ms. */
  readonly at: number;
  /** The true one lies within ± this. */
  readonly errorMs: number;
}

/**
 * The cluster's clock as a tab knows it: its monotonic clock plus an offset measured by probes (SEMANTICS 4.4, CK7). The probe
 * with the smallest error of the last minute decides; half its round trip and the server's own error bound it.
 */
export class ViewerClock {
  #samples: readonly Sample[] = [];

  /** One answered probe. `sentAt` and `receivedAt` are this tab's monotonic clock; the rest is the server's answer. */
  observe(
    sentAt: number,
    receivedAt: number,
    server: { readonly clusterNow: number; readonly errorMs: number },
  ): void {
    const rttMs = receivedAt - sentAt;
    const sample: Sample = {
      offset: server.clusterNow - (sentAt + receivedAt) / 2,
      errorMs: rttMs / 2 + server.errorMs,
      rttMs,
      takenAt: receivedAt,
    };
    // Two intervals that do not meet: a clock stepped, and only the newest sample is true now.
    const agrees = (held: Sample): boolean =>
      Math.abs(held.offset - sample.offset) <= errorAt(held, receivedAt) + sample.errorMs;
    this.#samples = [
      ...this.#samples.filter((held) => receivedAt - held.takenAt < KEEP_MS && agrees(held)),
      sample,
    ];
  }

  /** Forgets what was measured: after a sleep or a step of this machine. */
  reset(): void {
    this.#samples = [];
  }

  /** Null until the first answer. */
  read(mono: number): ViewerInstant | null {
    const [first, ...rest] = this.#samples;
    if (first === undefined) return null;
    const best = rest.reduce(
      (held, sample) => (errorAt(sample, mono) <= errorAt(held, mono) ? sample : held),
      first,
    );
    return { at: mono + best.offset, errorMs: errorAt(best, mono) };
  }

  /** Round trip of the newest probe, ms; null until the first answer. */
  get rttMs(): number | null {
    return this.#samples.at(-1)?.rttMs ?? null;
  }
}

const errorAt = (sample: Sample, mono: number): number =>
  sample.errorMs + Math.max(0, mono - sample.takenAt) * DRIFT;
