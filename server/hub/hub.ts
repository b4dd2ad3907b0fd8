import { valuesPartition } from '#lib/contracts/metric-record.ts';
import type { MetricFace, Point } from '#lib/contracts/feed.ts';
import type { Why } from '#lib/contracts/rest.ts';
import { topicNames } from '#lib/contracts/topics.ts';
import { faceOf } from '#lib/definitions/metric-face.ts';
import { quietAfterOf } from '#lib/definitions/quiet-after.ts';
import { resolveObjective } from '#lib/definitions/resolve-objective.ts';
import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import type { ClusterInstant } from '#lib/time/cluster-clock.ts';
import type { Clock, EpochMs, MonoMs } from '#lib/time/instant.ts';
import { pause } from '#server/lifecycle/pause.ts';
import type { Cluster } from '#server/ports/cluster.ts';
import type { DefinitionOf, Definitions } from '#server/ports/definitions.ts';
import type { HubStore } from '#server/ports/hub-store.ts';
import type { Lease } from '#server/ports/lease.ts';
import type { Logger } from '#server/ports/logger.ts';
import type { MetricChange, MetricView } from '#server/ports/metric-view.ts';
import type { AsideRecord } from './aside.ts';
import { expireHistory } from './history-expiry.ts';
import { HistoryWriter } from './history-writer.ts';
import { HubClock } from './hub-clock.ts';
import { hubFacts } from './hub-facts.ts';
import { HubMemory, type AnswerChanges } from './hub-memory.ts';
import { HubReading } from './hub-reading.ts';
import { loadHub } from './load-hub.ts';
import { runTogether } from './run-together.ts';
import { idOf } from './values-fold.ts';

/** A request that waits for records is held for a quarter of a second; only what is out longer is a silence worth telling. */
const SILENCE_NOTICED_MS = 1_000;
const LOOK_MS = 250;
/** How long the values of a version not in force stay in memory: a new version's may come before its definition is in force here. */
const OTHER_VERSIONS_MS = 3_600_000;

export interface HubOptions {
  readonly cluster: Cluster;
  readonly store: HubStore;
  readonly definitions: Definitions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of the topic names, for example `freshet.`. */
  readonly prefix: string;
  /** Names this process among others. */
  readonly instance: string;
  readonly lease: Lease;
}

export interface HubStatus {
  readonly isReachable: boolean;
  /** Cluster clock; null before the first answer or while the clock is not measured. */
  readonly answeredAt: EpochMs | null;
  readonly clockErrorMs: number;
  /** Since this process started. */
  readonly counts: { readonly values: number; readonly fenced: number; readonly invalid: number };
  /** The last records kept aside, oldest first. */
  readonly aside: readonly AsideRecord[];
  readonly history: { readonly waitingRows: number; readonly problem: string | null };
}

export interface Hub extends MetricView {
  /** Reads, keeps and tells until `signal` aborts. It may be run again after it ended; what is in memory stays. */
  run(signal: AbortSignal): Promise<void>;
  /** Every metric is read up to the ends seen at the start. */
  ready(): boolean;
  status(): HubStatus;
}

/** A hub that knows nothing until it runs. The caller keeps and closes store and cluster. */
export function openHub(options: HubOptions): Hub {
  return new LogHub(options);
}

class LogHub implements Hub {
  readonly #options: HubOptions;
  readonly #memory = new HubMemory();
  readonly #clock: HubClock;
  readonly #history: HistoryWriter;
  readonly #reading: HubReading;
  readonly #listeners = new Set<(change: MetricChange) => void>();
  /** Version in force of each defined metric, as it was last told. */
  #versions = new Map<string, string>();
  #isLoaded = false;

  constructor(options: HubOptions) {
    this.#options = options;
    const { cluster, clock, logger, prefix, instance, store } = options;
    const names = topicNames(prefix);
    this.#clock = new HubClock({ cluster, clock, logger, instance, topic: names.progress });
    this.#history = new HistoryWriter({
      store,
      logger,
      positions: () => this.#reading.positions(),
    });
    this.#reading = new HubReading({
      cluster,
      names,
      clock,
      logger,
      memory: this.#memory,
      history: this.#history,
      now: () => this.#clock.roughly(),
      onChanges: (changes) => this.#tellChanges(changes),
      onReset: () => this.#tellAll(true),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { store, definitions, lease, logger, prefix } = this.#options;
    if (!this.#isLoaded) {
      const loaded = await loadHub({
        store,
        topic: topicNames(prefix).values,
        values: this.#memory.values,
        now: this.#clock.roughly(),
        isInForce: (metric, version) => this.#version(metric) === version,
      });
      this.#reading.restore(loaded);
      this.#isLoaded = true;
    }
    this.#onDefinitions();
    const unsubscribe = definitions.subscribe(() => this.#onDefinitions());
    try {
      // History ends last: it saves what the reading handed over.
      await runTogether(
        [
          (both) => this.#readAndKeep(both),
          (both) => this.#clock.run(both),
          (both) => this.#watchReach(both),
          (both) =>
            expireHistory({ store, lease, logger, now: () => this.#clock.now()?.at ?? null }, both),
        ],
        signal,
      );
    } finally {
      unsubscribe();
    }
  }

  ready(): boolean {
    return this.#reading.isReady;
  }

  status(): HubStatus {
    const { values, fenced } = this.#memory.counts;
    const { answeredAt } = this.#reading;
    return {
      isReachable: this.#silentFor(0) === null,
      answeredAt: answeredAt === null ? null : this.#clock.at(answeredAt),
      clockErrorMs: this.#clock.now()?.errorMs ?? 0,
      counts: { values, fenced, invalid: this.#memory.aside.count },
      aside: this.#memory.aside.last(),
      history: { waitingRows: this.#history.waitingRows, problem: this.#history.problem },
    };
  }

  face(metric: string): MetricFace | null {
    const definition = this.#options.definitions.metric(metric);
    return definition === null ? null : faceOf(definition, this.#options.definitions.plan(metric));
  }

  facts(metric: string): FreshnessFacts | null {
    const definition = this.#options.definitions.metric(metric);
    if (definition === null) return null;
    const version = this.#version(metric);
    const partition = this.#partition(metric, version);
    return hubFacts(this.#memory.progress.of(metric, version), this.#promised(definition), {
      now: this.#clock.now(),
      isServed: this.#reading.isServed(partition),
      silentSince: this.#silenceAt(this.#silentFor(partition)),
      problem: this.#reading.problem(partition),
    });
  }

  points(metric: string, since: number): readonly Point[] {
    const version = this.#version(metric);
    if (!this.#reading.isServed(this.#partition(metric, version))) return [];
    return this.#memory.values.points(metric, version, since);
  }

  why(metric: string): Why | null {
    const face = this.face(metric);
    const facts = this.facts(metric);
    if (face === null || facts === null) return null;
    const { usable, newest } = this.#memory.progress.of(metric, this.#version(metric));
    return {
      clusterNow: this.clusterNow()?.at ?? null,
      face,
      facts,
      partitions: [...(newest?.partitions ?? [])],
      counts: usable?.counts ?? null,
      hops: newest?.hops ?? { ingest: null, stream: null, compute: null },
      generation: newest?.generation ?? null,
      instance: newest?.instance ?? null,
    };
  }

  clusterNow(): ClusterInstant | null {
    return this.#clock.now();
  }

  subscribe(listener: (change: MetricChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #readAndKeep(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const keeping = this.#history.run(over.signal);
    try {
      await this.#reading.run(signal);
    } finally {
      over.abort();
      await keeping;
    }
  }

  /** Tells everybody when the cluster falls silent or answers again: nothing else would arrive then. */
  async #watchReach(signal: AbortSignal): Promise<void> {
    let wasSilent = false;
    while (!signal.aborted) {
      await pause(LOOK_MS, signal);
      const isSilent = this.#silentFor(0) !== null;
      if (isSilent !== wasSilent) this.#tellAll(false);
      wasSilent = isSilent;
    }
  }

  /** Since when the topics of a partition are silent, once that is worth telling; our monotonic clock. */
  #silentFor(partition: number): MonoMs | null {
    const since = this.#reading.silentSince(partition);
    if (since === null) return null;
    return this.#options.clock.monotonic() - since > SILENCE_NOTICED_MS ? since : null;
  }

  #silenceAt(since: MonoMs | null): EpochMs | null {
    return since === null ? null : this.#clock.at(since);
  }

  /** The empty version is that of external values, for metrics without a plan. */
  #version(metric: string): string {
    return this.#options.definitions.plan(metric)?.version ?? '';
  }

  #partition(metric: string, version: string): number {
    return valuesPartition(metric, version, Math.max(1, this.#reading.partitionCount));
  }

  #promised(definition: DefinitionOf<'Metric'>) {
    const objective = this.#options.definitions.objective(definition.metadata.name);
    const resolved = objective === null ? null : resolveObjective(objective);
    return {
      quietAfterMs: quietAfterOf(definition),
      targetMs: resolved?.targetMs ?? null,
      stopTrustingMs: resolved?.stopTrustingMs ?? null,
    };
  }

  #onDefinitions(): void {
    const { definitions } = this.#options;
    const before = this.#versions;
    const names = definitions.metrics().map(({ metadata }) => metadata.name);
    this.#versions = new Map(names.map((name) => [name, this.#version(name)]));
    const inForce = new Set([...this.#versions].map(([name, version]) => idOf(name, version)));
    const now = this.#clock.roughly();
    this.#memory.values.retain(
      (id, touchedAt) => inForce.has(id) || now - touchedAt < OTHER_VERSIONS_MS,
    );
    for (const metric of new Set([...before.keys(), ...names])) {
      const reset = before.get(metric) !== this.#versions.get(metric);
      this.#tell({ metric, points: [], reset });
    }
  }

  #tellChanges(changes: AnswerChanges): void {
    const told = new Set<string>();
    for (const { metric, version, points } of changes.points.values()) {
      if (this.#versions.get(metric) !== version) continue;
      told.add(metric);
      if (this.#reading.isServed(this.#partition(metric, version)))
        this.#tell({ metric, points, reset: false });
    }
    for (const metric of changes.facts)
      if (!told.has(metric) && this.#versions.has(metric))
        this.#tell({ metric, points: [], reset: false });
  }

  #tellAll(reset: boolean): void {
    for (const metric of this.#versions.keys()) this.#tell({ metric, points: [], reset });
  }

  #tell(change: MetricChange): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        // One listener's mistake must not keep the others, nor the reading, from going on.
        this.#options.logger.error('hub:listener-failed', { metric: change.metric, error });
      }
    }
  }
}
