import { AppError } from '#lib/errors/app-error.ts';

const REDACTED = '[redacted]';
/** Names whose values never reach a log, wherever they stand in a name: `saslPassword`, `set-cookie`, `api_key`. */
const SECRET_NAME = /passw|passphrase|secret|token|authorization|cookie|credential|api[-_]?key/i;
/** The same in running text, as drivers print it: `password=…`, `"token": "…"`, `Bearer …`, `//user:password@host`. */
const SECRET_TEXT =
  /((?:passw\w*|passphrase|secret|token|authorization|credential\w*|api[-_]?key)["']?\s*[=:]\s*(?:(?:bearer|basic)\s+)?)("[^"]*"|'[^']*'|[^\s,;&}]+)/gi;
const BEARER = /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi;
const URL_USER = /(\/\/[^\s/:@]*:)[^\s/@]+@/g;
/** Deeper than any fact is meant to be; what lies below is not printed. */
const MAX_DEPTH = 6;
const MAX_TEXT = 4_000;

/** A copy of facts that may be logged: secrets replaced, errors spelled out with their causes, nothing that JSON cannot hold (TL1, TL2). */
export function redact(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return record(Object.entries(facts), 0, new Set([facts]));
}

function record(
  entries: readonly (readonly [string, unknown])[],
  depth: number,
  above: ReadonlySet<unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      SECRET_NAME.test(name) && value !== null && value !== undefined
        ? REDACTED
        : plain(value, depth + 1, above),
    ]),
  );
}

function plain(value: unknown, depth: number, above: ReadonlySet<unknown>): unknown {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (above.has(value)) return '[circular]';
  if (depth > MAX_DEPTH) return '[deep]';
  const inside = new Set([...above, value]);
  if (value instanceof Error) return failure(value, depth, inside);
  if (value instanceof Date) return value.toJSON();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1, inside));
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  return record(Object.entries(value), depth, inside);
}

function failure(error: Error, depth: number, inside: ReadonlySet<unknown>): unknown {
  const code = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: text(error.message),
    ...(error instanceof AppError ? { details: plain(error.details, depth + 1, inside) } : {}),
    // Where a failure we foresaw was made is of no use; of any other it is all there is.
    ...(error instanceof AppError ? {} : { stack: text(error.stack ?? '') }),
    ...(error.cause === undefined ? {} : { cause: plain(error.cause, depth + 1, inside) }),
  };
}

const text = (value: string): string =>
  (value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value)
    .replace(SECRET_TEXT, `$1${REDACTED}`)
    .replace(BEARER, `$1 ${REDACTED}`)
    .replace(URL_USER, `$1${REDACTED}@`);
