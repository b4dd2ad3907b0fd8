import type { MetricPlan } from '#lib/contracts/plan.ts';
import type { ApplyReply, ApplyRequest } from '#lib/contracts/rest.ts';
import { definitionSchema, type Definition } from '#lib/definitions/schema.ts';
import type { DefinitionOf, Definitions } from '#server/ports/definitions.ts';

/** Definitions a test puts in directly. `apply` records the request and answers what the test prepared. */
export class ScriptedDefinitions implements Definitions {
  readonly #all = new Map<string, Definition>();
  readonly #listeners = new Set<() => void>();
  readonly requests: ApplyRequest[] = [];
  reply: ApplyReply = { applied: true, changes: [], problems: [] };

  /** Parses the object as a file would have it and tells subscribers. */
  put(kind: Definition['kind'], name: string, spec: unknown, metadata: object = {}): void {
    const parsed = definitionSchema.parse({
      apiVersion: 'freshet/v1',
      kind,
      metadata: { name, owner: 'tests', ...metadata },
      spec,
    });
    this.#all.set(`${kind}/${name}`, parsed);
    this.#tell();
  }

  remove(kind: Definition['kind'], name: string): void {
    this.#all.delete(`${kind}/${name}`);
    this.#tell();
  }

  boards(): readonly DefinitionOf<'Board'>[] {
    return [...this.#all.values()].filter((definition) => definition.kind === 'Board');
  }

  board(name: string): DefinitionOf<'Board'> | null {
    return this.boards().find(({ metadata }) => metadata.name === name) ?? null;
  }

  metrics(): readonly DefinitionOf<'Metric'>[] {
    return [...this.#all.values()].filter((definition) => definition.kind === 'Metric');
  }

  metric(name: string): DefinitionOf<'Metric'> | null {
    return this.metrics().find(({ metadata }) => metadata.name === name) ?? null;
  }

  stream(name: string): DefinitionOf<'Stream'> | null {
    const found = this.#all.get(`Stream/${name}`);
    return found?.kind === 'Stream' ? found : null;
  }

  plan(): MetricPlan | null {
    return null;
  }

  objective(metric: string): DefinitionOf<'Objective'> | null {
    for (const definition of this.#all.values())
      if (definition.kind === 'Objective' && definition.spec.metric === metric) return definition;
    return null;
  }

  async apply(request: ApplyRequest): Promise<ApplyReply> {
    this.requests.push(request);
    return this.reply;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The spec of an ungrouped count over windows of ten seconds. */
export const countSpec = {
  from: 'events',
  window: { kind: 'tumbling', size: '10s' },
  measure: 'count()',
} as const;

/** The spec of a number panel in the board's corner. */
export const numberPanel = (metric: string, over: object = {}) => ({
  id: metric,
  kind: 'number',
  metric,
  at: { x: 0, y: 0, w: 3, h: 2 },
  ...over,
});
