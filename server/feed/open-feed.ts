import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server } from 'socket.io';
import type { Viewer } from '#lib/access/authorize.ts';
import { isOwnOrigin } from '#lib/access/origin.ts';
import { AppError } from '#lib/errors/app-error.ts';
import type { Clock } from '#lib/time/instant.ts';
import type { FeedServer } from '#server/feed/feed-socket.ts';
import { Screen } from '#server/feed/screen.ts';
import type { Definitions } from '#server/ports/definitions.ts';
import type { Logger } from '#server/ports/logger.ts';
import type { MetricView } from '#server/ports/metric-view.ts';

/** Where browsers open the feed; Socket.IO's clients add a slash at its end. */
export const FEED_PATH = '/feed';
/** A request is a few hundred bytes. */
const MAX_REQUEST_BYTES = 64_000;
/** A connection that does not answer pings for this long is gone: a lid that closed, a cable that was pulled. */
const PING_EVERY_MS = 10_000;
const PONG_WITHIN_MS = 10_000;

export interface FeedParts {
  readonly view: MetricView;
  readonly definitions: Definitions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Who opened this connection. */
  readonly viewerOf: (request: IncomingMessage) => Viewer;
  /** Hosts beyond loopback under which browsers reach us. */
  readonly publicHosts: readonly string[];
}

export interface Feed {
  readonly path: string;
  /** Takes over an HTTP upgrade whose path is `path`. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Connections that show a board. */
  screens(): number;
  /** Points waiting for slow screens; bounded (FD6). */
  waiting(): number;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Opens the feed: typed requests in, one packet per screen and beat out. WebSocket only. Whoever opens it closes it. */
export function openFeed(parts: FeedParts): Feed {
  const { view, definitions, clock, logger, publicHosts } = parts;
  const screens = new Set<Screen>();
  const sockets = new Set<Duplex>();

  // Attached to a server that never listens: upgrades are handed over by path, so that Next can have its own. Two upgrade listeners on one
  // server fight over the socket.
  const io: FeedServer = new Server(createServer(), {
    path: FEED_PATH,
    transports: ['websocket'],
    perMessageDeflate: false,
    serveClient: false,
    maxHttpBufferSize: MAX_REQUEST_BYTES,
    pingInterval: PING_EVERY_MS,
    pingTimeout: PONG_WITHIN_MS,
    // CORS does not cover WebSockets: any page may open one, so its origin is looked at here (HT3).
    allowRequest: (request, decide) => {
      const { origin, host } = request.headers;
      const own = { port: request.socket.localPort ?? 0, publicHosts };
      const allowed = isOwnOrigin(origin, host, own);
      if (!allowed) logger.warn('feed:refused', { origin, host });
      decide(allowed ? null : 'This page may not open a feed here.', allowed);
    },
  });

  const report = (error: unknown) => {
    const expected = error instanceof AppError && error.code !== 'internal';
    logger[expected ? 'info' : 'error']('feed:failed', { error });
  };

  io.on('connection', (socket) => {
    const viewer = parts.viewerOf(socket.request);
    const screen = new Screen({ socket, viewer, view, definitions, clock, report });
    screens.add(screen);
    logger.debug('feed:connected', { id: socket.id });
    socket.on('disconnect', (reason) => {
      screens.delete(screen);
      screen.close();
      logger.debug('feed:disconnected', { id: socket.id, reason });
    });
  });

  // Several changes of one apply are looked at once; and after whoever else listens has taken them in.
  let recheck: NodeJS.Immediate | null = null;
  const recheckSoon = () => {
    recheck ??= setImmediate(() => {
      recheck = null;
      for (const screen of screens) screen.recheck();
    });
  };
  const offChanges = view.subscribe((change) => {
    for (const screen of screens) screen.note(change);
    if (change.reset) recheckSoon(); // another version has another face
  });
  const offDefinitions = definitions.subscribe(recheckSoon);

  return {
    path: FEED_PATH,
    handleUpgrade: (request, socket, head) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      // Engine.IO declares the request with the query it parses itself just after.
      io.engine.handleUpgrade(
        request as Parameters<typeof io.engine.handleUpgrade>[0],
        socket,
        head,
      );
    },
    screens: () => [...screens].filter((screen) => screen.watching).length,
    waiting: () => [...screens].reduce((sum, screen) => sum + screen.waiting, 0),
    close: async () => {
      offChanges();
      offDefinitions();
      if (recheck !== null) clearImmediate(recheck);
      for (const screen of screens) screen.close();
      await io.close();
      for (const socket of sockets) socket.destroy(); // a screen that reads nothing would hold its connection open
    },
  };
}
