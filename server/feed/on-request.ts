import {
  clientRequests,
  type ReplyOf,
  type ReplyValueOf,
  type RequestName,
  type RequestOf,
} from '#lib/contracts/feed.ts';
import { AppError, toWireError } from '#lib/errors/app-error.ts';
import { buffered, type FeedSocket } from '#server/feed/feed-socket.ts';

/** Answers that may wait for a client that asks and does not read; beyond it the connection ends (nothing queues without bound). */
const MAX_UNREAD_ANSWERS = 16;

/**
 * Registers one request handler: parses at the door, always answers, never throws into Socket.IO (FD7). `before` sees the unparsed request and may refuse it.
 * The casts are confined to this file because TypeScript cannot tie `N` to its listener.
 */
export function onRequest<N extends RequestName>(
  socket: FeedSocket,
  name: N,
  handle: (request: RequestOf<N>) => ReplyValueOf<N>,
  report: (error: unknown) => void,
  before: (raw: unknown) => void = () => {},
): void {
  const listener = (raw: unknown, reply: unknown) => {
    if (typeof reply !== 'function') return; // not our client: nobody to answer
    if (buffered(socket) > MAX_UNREAD_ANSWERS) {
      socket.disconnect(true);
      return;
    }
    try {
      before(raw);
      reply({ ok: true, value: handle(parse(name, raw)) } as ReplyOf<N>);
    } catch (error) {
      report(error);
      reply({ ok: false, error: toWireError(error) } as ReplyOf<N>);
    }
  };
  socket.on(name as string as never, listener as never);
}

function parse<N extends RequestName>(name: N, raw: unknown): RequestOf<N> {
  const parsed = clientRequests[name].request.safeParse(raw);
  if (parsed.success) return parsed.data as RequestOf<N>;
  const { issues } = parsed.error;
  const place = issues[0]?.path.join('.') || 'its top';
  throw new AppError(
    'feed/bad-request',
    `Malformed ${name} request at ${place}: reload this page.`,
    { issues },
  );
}
