import type { MetricPlan } from '#lib/contracts/plan.ts';
import type { ApplyReply, ApplyRequest } from '#lib/contracts/rest.ts';
import type { Definition } from '#lib/definitions/schema.ts';

export type DefinitionOf<K extends Definition['kind']> = Extract<Definition, { kind: K }>;

/** What is applied right now, and the one way to change it. Reads are synchronous, from memory. */
export interface Definitions {
  boards(): readonly DefinitionOf<'Board'>[];
  board(name: string): DefinitionOf<'Board'> | null;
  metrics(): readonly DefinitionOf<'Metric'>[];
  metric(name: string): DefinitionOf<'Metric'> | null;
  stream(name: string): DefinitionOf<'Stream'> | null;
  /** The plan in force for a metric. */
  plan(metric: string): MetricPlan | null;
  /** The objective that names this metric. */
  objective(metric: string): DefinitionOf<'Objective'> | null;
  /** Checks everything, then stores and publishes all of it or nothing; problems come back as values, never thrown. */
  apply(request: ApplyRequest): Promise<ApplyReply>;
  /** Called after each change that was stored. Returns the way to stop. */
  subscribe(listener: () => void): () => void;
}
