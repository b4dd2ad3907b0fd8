import { z } from 'zod';
import { phaseSchema } from '#lib/contracts/progress.ts';
import { epochMsSchema } from '#lib/time/instant.ts';

/**
 * All that is needed to say the state of a metric at any instant (SEMANTICS 4.7): the same object is read by server, browser,
 * REST and tests. Instants are in the cluster's clock. It speaks only for the values it travels with.
 */
export const freshnessFactsSchema = z.object({
  /** Everything appended before it is in the values this travels with; null when nothing proves it. */
  frontier: epochMsSchema.nullable(),
  /** Event time up to which windows are complete (SEMANTICS 2.4, 4.8). */
  closing: epochMsSchema.nullable(),
  /** Sum of the error bounds of the clocks involved so far, ms; added to age. */
  clockErrorMs: z.number().nonnegative(),
  /** What compute is doing; null when no computer was ever heard of this metric version. */
  phase: phaseSchema.nullable(),
  /** Somebody asks and gets no answer: who is silent, and since when. */
  unanswered: z.object({ who: z.string(), since: epochMsSchema }).nullable(),
  /** An open transaction holds records back. */
  blocked: z
    .object({ topic: z.string(), partition: z.number().int(), since: epochMsSchema })
    .nullable(),
  /** When an event was last applied; null when none ever was. */
  appliedAt: epochMsSchema.nullable(),
  /** When compute was last heard. */
  heardAt: epochMsSchema.nullable(),
  quietAfterMs: z.number().int().positive(),
  targetMs: z.number().int().positive().nullable(),
  stopTrustingMs: z.number().int().positive().nullable(),
  /** Records appended and not yet applied and published; null when unknown. */
  lagRecords: z.number().int().nonnegative().nullable(),
  /** A sentence naming a partition that stopped, else null. */
  problem: z.string().nullable(),
});
export type FreshnessFacts = z.infer<typeof freshnessFactsSchema>;
