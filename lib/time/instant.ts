import { z } from 'zod';

/** Milliseconds since 1970-01-01T00:00:00Z, whole. Which clock produced it is stated by the field's docblock. */
export const epochMsSchema = z.number().int().nonnegative().brand<'EpochMs'>();
export type EpochMs = z.infer<typeof epochMsSchema>;

/** A length of time in whole milliseconds. Negative means the later instant came first. */
export const durationMsSchema = z.number().int().brand<'DurationMs'>();
export type DurationMs = z.infer<typeof durationMsSchema>;

/** Milliseconds of a process's own monotonic clock; meaningless in any other process. */
export type MonoMs = number & { readonly __mono: unique symbol };

/** Rounds down, because an instant shown or compared may never be later than the true one (SEMANTICS 4.4). */
export const epochMs = (value: number): EpochMs => epochMsSchema.parse(Math.floor(value));
export const durationMs = (value: number): DurationMs => durationMsSchema.parse(Math.round(value));

/** The only way domain and server code may learn the time. */
export interface Clock {
  /** The machine's wall clock. It steps; never measure a length of time with it. */
  now(): EpochMs;
  /** Monotonic, fractional milliseconds. It never steps. */
  monotonic(): MonoMs;
}
