import type { MetricPlan } from '#lib/contracts/plan.ts';
import type { ApplyReply, ApplyRequest } from '#lib/contracts/rest.ts';
import { DefinitionSet } from '#lib/definitions/definition-set.ts';
import { AppError } from '#lib/errors/app-error.ts';
import type { Clock } from '#lib/time/instant.ts';
import type { DefinitionOf, Definitions } from '#server/ports/definitions.ts';
import type { HubStore, StoredDefinition } from '#server/ports/hub-store.ts';
import type { Logger } from '#server/ports/logger.ts';
import type { LogWriter } from '#server/ports/log-writer.ts';
import { entryOf, isRemoved, keyOf, type Entry } from './entry.ts';
import { planMetric } from './metric-version.ts';
import { planApply } from './plan-apply.ts';
import { PlanOutbox } from './plan-outbox.ts';

export interface DefinitionServiceParts {
  readonly store: Pick<
    HubStore,
    'definitions' | 'changeDefinitions' | 'markPlanPublished' | 'highestVersion'
  >;
  readonly writer: LogWriter;
  /** The definitions topic; it has one partition. */
  readonly topic: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is read of the entries, put together once per change. */
interface InForce {
  readonly set: DefinitionSet;
  readonly boards: readonly DefinitionOf<'Board'>[];
  readonly metrics: readonly DefinitionOf<'Metric'>[];
  readonly objectives: ReadonlyMap<string, DefinitionOf<'Objective'>>;
}

/**
 * The definitions in force, from the hub's store; the one writer of the definitions topic. Applying needs the store alone: plans reach Kafka
 * through an outbox as soon as it answers (DF13). The store and the writer are closed by whoever opened them.
 */
export class DefinitionService implements Definitions {
  readonly #parts: DefinitionServiceParts;
  readonly #outbox: PlanOutbox;
  readonly #listeners = new Set<() => void>();
  #entries: ReadonlyMap<string, Entry>;
  #inForce: InForce;
  /** End of the newest change; the next one starts there. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(parts: DefinitionServiceParts, entries: ReadonlyMap<string, Entry>) {
    this.#parts = parts;
    this.#entries = entries;
    this.#inForce = inForceOf(entries);
    this.#outbox = new PlanOutbox({
      writer: parts.writer,
      topic: parts.topic,
      logger: parts.logger,
      pending: () => this.#pending(),
      acknowledged: (rows) => this.#serially(() => this.#acknowledged(rows)),
    });
  }

  /** Loads what is stored, and starts new versions where this build's engine would give other values (SEMANTICS 3.7). */
  static async load(parts: DefinitionServiceParts): Promise<DefinitionService> {
    const rows = await parts.store.definitions();
    const entries = new Map(rows.map((row) => [keyOf(row.kind, row.name), entryOf(row)]));
    for (const entry of entries.values()) {
      const { kind, name } = entry.row;
      if (entry.definition === null && !isRemoved(entry))
        parts.logger.error('definitions:unreadable', { kind, name });
    }
    const service = new DefinitionService(parts, entries);
    await service.#revise();
    return service;
  }

  /** Publishes what is stored and not acknowledged, and everything applied from now on. */
  run(signal: AbortSignal): Promise<void> {
    return this.#outbox.run(signal);
  }

  /** One try to publish what is pending; resolves with how many metrics were published. Rejects while Kafka is away. */
  publishPending(): Promise<number> {
    return this.#outbox.publish();
  }

  boards(): readonly DefinitionOf<'Board'>[] {
    return this.#inForce.boards;
  }

  board(name: string): DefinitionOf<'Board'> | null {
    return this.#inForce.set.get('Board', name);
  }

  metrics(): readonly DefinitionOf<'Metric'>[] {
    return this.#inForce.metrics;
  }

  metric(name: string): DefinitionOf<'Metric'> | null {
    return this.#inForce.set.get('Metric', name);
  }

  stream(name: string): DefinitionOf<'Stream'> | null {
    return this.#inForce.set.get('Stream', name);
  }

  plan(metric: string): MetricPlan | null {
    return this.#entries.get(keyOf('Metric', metric))?.row.plan ?? null;
  }

  objective(metric: string): DefinitionOf<'Objective'> | null {
    return this.#inForce.objectives.get(metric) ?? null;
  }

  apply(request: ApplyRequest): Promise<ApplyReply> {
    return this.#serially(() => this.#apply(request));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #apply(request: ApplyRequest): Promise<ApplyReply> {
    const { store, clock, logger } = this.#parts;
    const planned = await planApply(this.#entries, request, {
      now: clock.now(),
      highestVersion: (metric) => store.highestVersion(metric),
    });
    const { problems, changes } = planned;
    const reply = { changes: [...changes], problems: [...problems] };
    if (!planned.ok || request.dryRun) return { applied: false, ...reply };
    if (planned.put.length > 0 || planned.remove.length > 0) {
      await this.#store(planned.put, planned.remove);
      logger.info('definitions:applied', {
        set: request.set,
        put: planned.put.length,
        removed: planned.remove.length,
      });
    }
    return { applied: true, ...reply };
  }

  async #store(
    put: readonly StoredDefinition[],
    remove: readonly { kind: string; name: string }[],
  ): Promise<void> {
    await this.#parts.store.changeDefinitions(put, remove);
    const entries = new Map(this.#entries);
    for (const { kind, name } of remove) entries.delete(keyOf(kind, name));
    for (const row of put) entries.set(keyOf(row.kind, row.name), entryOf(row));
    this.#entries = entries;
    this.#inForce = inForceOf(entries);
    for (const listener of this.#listeners) listener();
    this.#outbox.ring();
  }

  #pending(): readonly StoredDefinition[] {
    return [...this.#entries.values()].flatMap(({ row }) => (row.planPublished ? [] : [row]));
  }

  /** Marks what Kafka has; a row that was changed meanwhile is another row and stays pending. */
  async #acknowledged(rows: readonly StoredDefinition[]): Promise<void> {
    const entries = new Map(this.#entries);
    for (const row of rows) {
      const key = keyOf(row.kind, row.name);
      const entry = entries.get(key);
      if (entry?.row !== row) continue;
      if (row.plan === null) {
        await this.#parts.store.changeDefinitions([], [{ kind: row.kind, name: row.name }]);
        entries.delete(key);
      } else {
        await this.#parts.store.markPlanPublished(row.name, row.plan.version);
        entries.set(key, { ...entry, row: { ...row, planPublished: true } });
      }
    }
    this.#entries = entries;
  }

  async #revise(): Promise<void> {
    const { store, logger } = this.#parts;
    const put: StoredDefinition[] = [];
    for (const metric of this.#inForce.metrics) {
      const { name } = metric.metadata;
      const entry = this.#entries.get(keyOf('Metric', name));
      const stream = this.stream(metric.spec.from);
      if (entry === undefined || stream === null) continue;
      try {
        const plan = await planMetric(metric, stream, entry.row.plan, (of) =>
          store.highestVersion(of),
        );
        if (plan.version === entry.row.plan?.version) continue;
        put.push({ ...entry.row, plan, planPublished: false });
      } catch (error) {
        // Another build accepted it; its last plan stays in force.
        if (!(error instanceof AppError) || error.code !== 'definition/invalid') throw error;
        logger.error('definitions:misfit', { metric: name, reason: error.message });
      }
    }
    if (put.length > 0) await this.#store(put, []);
  }

  /** Changes happen one after another, so that each is checked against what the one before has stored. */
  #serially<T>(change: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(change);
    this.#last = mine.catch(() => {}); // the next one does not depend on how this one ends
    return mine;
  }
}

function inForceOf(entries: ReadonlyMap<string, Entry>): InForce {
  const definitions = [...entries.values()].flatMap(({ definition }) =>
    definition === null ? [] : [definition],
  );
  const set = new DefinitionSet(definitions);
  return {
    set,
    boards: set.all('Board'),
    metrics: set.all('Metric'),
    objectives: new Map(
      set.all('Objective').map((objective) => [objective.spec.metric, objective]),
    ),
  };
}
