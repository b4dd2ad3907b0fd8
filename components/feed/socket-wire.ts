import { io, type Socket } from 'socket.io-client';
import type {
  ClientToServerEvents,
  ReplyOf,
  RequestName,
  RequestOf,
  ServerToClientEvents,
} from '#lib/contracts/feed.ts';
import { AppError } from '#lib/errors/app-error.ts';
import type { FeedWire, WireHandlers } from './feed-wire.ts';

type FeedSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

/** An answer that takes longer than this is treated as lost. */
const REPLY_MS = 5_000;
/** Back-off between attempts to connect; never longer, so that a server that came back is seen within two seconds. */
const RETRY_MS = { least: 250, most: 2_000 } as const;

/** The feed over Socket.IO: WebSocket only, so that hubs need no sticky sessions. `url` is undefined for this page's own server. */
export class SocketWire implements FeedWire {
  readonly #socket: FeedSocket;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(url?: string) {
    const options = {
      path: '/feed',
      transports: ['websocket'],
      autoConnect: false,
      forceNew: true,
      timeout: REPLY_MS,
      reconnectionDelay: RETRY_MS.least,
      reconnectionDelayMax: RETRY_MS.most,
    };
    this.#socket = url === undefined ? io(options) : io(url, options);
  }

  open(handlers: WireHandlers): void {
    const socket = this.#socket;
    socket.on('connect', () => handlers.connected());
    socket.on('disconnect', (reason) => {
      handlers.disconnected();
      // The one case in which Socket.IO does not come back by itself.
      if (reason === 'io server disconnect') this.#connectSoon();
    });
    socket.on('connect_error', () => {
      if (!socket.active) this.#connectSoon();
    });
    socket.on('board:update', (update) => handlers.update(update));
    socket.on('board:closed', (event) => handlers.closed(event));
    socket.connect();
  }

  async request<N extends RequestName>(name: N, request: RequestOf<N>): Promise<ReplyOf<N>> {
    // Socket.IO would keep the request and send it after a reconnect, when its time has passed.
    if (!this.#socket.connected) throw new AppError('http/unreachable', 'The server is away.');
    // TypeScript cannot tie N to the event's own argument list.
    const emit = this.#socket
      .timeout(REPLY_MS)
      .emitWithAck.bind(this.#socket.timeout(REPLY_MS)) as (
      event: string,
      body: unknown,
    ) => Promise<unknown>;
    return (await emit(name, request)) as ReplyOf<N>;
  }

  renew(): void {
    this.#socket.io.engine?.close();
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#socket.off();
    this.#socket.disconnect();
  }

  #connectSoon(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#socket.connect(), RETRY_MS.most);
  }
}
