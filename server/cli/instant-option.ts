import { InvalidArgumentError } from 'commander';
import { parseDuration } from '#lib/time/duration.ts';
import type { Clock } from '#lib/time/instant.ts';

/** An instant on the command line: epoch ms, ISO 8601, or a length of time ago such as `15m`. Epoch ms. */
export function parseInstant(text: string, clock: Clock): number {
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const ago = parseDuration(text);
  if (ago !== null) return clock.now() - ago;
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new InvalidArgumentError(
      'expected an instant such as 2026-03-01T12:00:00Z, or a time ago such as 15m or 2h',
    );
  return at;
}
