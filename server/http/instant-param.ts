import { AppError } from '#lib/errors/app-error.ts';
import { parseDuration } from '#lib/time/duration.ts';

/** An ISO date, with or without a time; a time without a zone is taken as UTC, because the server's own zone is nobody's. */
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * An instant of a query: epoch ms, ISO 8601, `now`, or back from now (`-1h`). `now` is the clock the answer is meant in.
 * Throws `http/bad-request` naming the parameter.
 */
export function instantParam(name: string, text: string, now: number): number {
  if (text === 'now') return now;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const back = text.startsWith('-') ? parseDuration(text.slice(1)) : null;
  if (back !== null) return Math.max(0, now - back);
  const iso = ISO.exec(text);
  const at = iso
    ? Date.parse(iso[1] !== undefined && iso[4] === undefined ? `${text}Z` : text)
    : NaN;
  if (Number.isNaN(at) || at < 0)
    throw new AppError(
      'http/bad-request',
      `"${name}" is not an instant: give epoch milliseconds, ISO 8601 such as 2026-03-01T12:00:00Z, "now", or a time back such as -1h.`,
    );
  return at;
}
