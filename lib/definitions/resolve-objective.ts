import type { DefinitionOf } from './schema.ts';

/** SEMANTICS 4.7: a number is not to be trusted from three times its target on, unless the objective says otherwise. */
const STOP_TRUSTING_FACTOR = 3;

export interface ResolvedObjective {
  readonly targetMs: number;
  readonly stopTrustingMs: number;
}

/** What an objective promises, with its default filled in (DF9). Lengths of time. */
export function resolveObjective({ spec }: DefinitionOf<'Objective'>): ResolvedObjective {
  return {
    targetMs: spec.target,
    stopTrustingMs: spec.stopTrusting ?? spec.target * STOP_TRUSTING_FACTOR,
  };
}
