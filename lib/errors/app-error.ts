/** Every failure this product reports by name. Metric names and docs depend on these values. */
export const ERROR_CODES = [
  'access/denied',
  'broker/absent',
  'broker/failed',
  'compute/fenced',
  'compute/failed',
  'compute/log-replaced',
  'config/invalid',
  'definition/invalid',
  'definition/managed',
  'feed/bad-request',
  'feed/protocol-mismatch',
  'http/bad-request',
  'http/build-failed',
  'http/not-found',
  'http/port-taken',
  'http/unreachable',
  'kafka/authorization',
  'kafka/corrupt-batch',
  'kafka/external-refused',
  'kafka/topic-missing',
  'kafka/unreachable',
  'store/locked',
  'store/failed',
  'store/newer',
  'internal',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** A full record on purpose: adding a code forces a decision here. */
export const RETRYABLE: Record<ErrorCode, boolean> = {
  'access/denied': false,
  'broker/absent': false,
  'broker/failed': true,
  'compute/fenced': false,
  'compute/failed': true,
  'compute/log-replaced': true,
  'config/invalid': false,
  'definition/invalid': false,
  'definition/managed': false,
  'feed/bad-request': false,
  'feed/protocol-mismatch': false,
  'http/bad-request': false,
  'http/build-failed': false,
  'http/not-found': false,
  'http/port-taken': false,
  'http/unreachable': true,
  'kafka/authorization': false,
  'kafka/corrupt-batch': false,
  'kafka/external-refused': false,
  'kafka/topic-missing': true,
  'kafka/unreachable': true,
  'store/locked': false,
  'store/failed': true,
  'store/newer': false,
  internal: true,
};

/** The one error class. `message` is a sentence for people: what is wrong, where, and the fix. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  /** Facts for the log. Never secrets, never shown to a viewer. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }
}

/** Whether it is one of ours that may be gone with the next try. A foreign error is a programming mistake and never passes. */
export const isRetryable = (error: unknown): error is AppError =>
  error instanceof AppError && RETRYABLE[error.code];

/** What another process may learn of a failure. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

/** What may leave the process. Foreign errors become `internal` and keep their text to themselves (ER1). */
export function toWireError(error: unknown): WireError {
  const code = error instanceof AppError ? error.code : 'internal';
  const message = error instanceof AppError ? error.message : 'Something went wrong on the server.';
  return { code, message, retryable: RETRYABLE[code] };
}
