import type { DefinitionOf } from './schema.ts';

/** SEMANTICS 4.7: the default is the window's size, at most this. */
const QUIET_AFTER_MAX_MS = 300_000;

/** How long without an event before a metric counts as Quiet, ms (DF9). */
export const quietAfterOf = ({ spec }: DefinitionOf<'Metric'>): number =>
  spec.quietAfter ?? Math.min(spec.window.size, QUIET_AFTER_MAX_MS);
