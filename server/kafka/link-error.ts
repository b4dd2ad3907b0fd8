import { AppError } from '#lib/errors/app-error.ts';

/** Why a call to the cluster came to nothing. */
export type LinkFailure =
  /** No connection, or it broke. */
  | 'down'
  /** A connection, but no answer in time. */
  | 'silent'
  /** The broker refused who we say we are, or may not do what we asked. */
  | 'refused'
  /** We refused the broker: its certificate is not one we trust. */
  | 'untrusted'
  /** We closed it ourselves. */
  | 'closed';

/** Inside this folder only: what leaves it is an AppError. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly failure: LinkFailure;

  constructor(failure: LinkFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }

  /** Translates what KafkaJS or a socket threw. */
  static from(error: unknown, what: string): LinkError {
    if (error instanceof LinkError) return error;
    const name = error instanceof Error ? error.name : '';
    const text = error instanceof Error ? error.message : String(error);
    const isRefused = /SASL/.test(name) || /SASL/.test(text);
    const isUntrusted = /certificate|altname/i.test(text);
    const failure = isRefused ? 'refused' : isUntrusted ? 'untrusted' : 'down';
    return new LinkError(failure, `${what}: ${text}`, error);
  }
}

/** True for what trying again does not mend. */
export const isFinal = (error: unknown): boolean =>
  error instanceof AppError ||
  (error instanceof LinkError && (error.failure === 'refused' || error.failure === 'untrusted'));

/** The sentence for people. @param doing what could not be done, as in "Topics could not be described" */
export function clusterError(error: unknown, cluster: string, doing: string): AppError {
  if (error instanceof AppError) return error;
  const failure = error instanceof LinkError ? error.failure : 'down';
  const details = { cluster, reason: error instanceof Error ? error.message : String(error) };
  if (failure === 'refused') {
    return new AppError(
      'kafka/authorization',
      `${doing}: cluster ${cluster} refused the sign-in. Check the SASL user, password and mechanism.`,
      details,
      error,
    );
  }
  const why =
    failure === 'closed' ? 'the connection was closed' : `cluster ${cluster} does not answer`;
  return new AppError(
    'kafka/unreachable',
    `${doing}: ${why}. Check that its brokers run, their addresses, and whether they expect TLS or a sign-in.`,
    details,
    error,
  );
}
