import { z } from 'zod';
import type { DurationMs } from '#lib/time/instant.ts';

const UNIT_MS = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
} as const;
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/;

/** Length of a duration as people write it (`250ms`, `30s`, `2m`, `1h`, `7d`, `4w`), or null when it is not one. */
export function parseDuration(text: string): DurationMs | null {
  const match = PATTERN.exec(text);
  if (!match) return null;
  const [, amount = '', unit = 's'] = match;
  return Math.round(Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]) as DurationMs;
}

/** A duration in a definition; the parsed result is in milliseconds. */
export const durationSchema = z
  .string()
  .regex(PATTERN, 'expected a duration such as 250ms, 30s, 2m, 1h or 7d')
  .transform((text) => parseDuration(text) ?? (0 as DurationMs));
