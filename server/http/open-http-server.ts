import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { isOwnHost, isOwnOrigin, type OwnAddress } from '#lib/access/origin.ts';
import { AppError, toWireError } from '#lib/errors/app-error.ts';
import { statusOf } from '#server/http/answer-error.ts';
import { listen } from '#server/http/listen.ts';
import type { Rest } from '#server/http/rest-parts.ts';
import { setSecurityHeaders } from '#server/http/security-headers.ts';
import type { Logger } from '#server/ports/logger.ts';

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Serves pages: everything that is neither REST nor the feed. */
export interface Pages {
  readonly dev: boolean;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Development only: the bundler's own socket. */
  readonly upgrade: UpgradeHandler | null;
}

export interface HttpServerParts {
  readonly host: string;
  readonly port: number;
  /** The port was asked for: when it is taken, fail instead of trying the next one. */
  readonly strictPort: boolean;
  /** `host` or `host:port` values under which a proxy shows us. */
  readonly publicHosts: readonly string[];
  readonly rest: Rest;
  readonly feed: { readonly path: string; readonly handleUpgrade: UpgradeHandler };
  /** Null serves no pages: a hub that is read by programs only, and tests. */
  readonly next: Pages | null;
  readonly logger: Logger;
}

export interface HttpServer {
  /** As a person types it. */
  readonly url: string;
  readonly port: number;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

/** Requests below these go to REST and never to Next: Next loads modules a second time, and would answer from an empty twin. */
const REST_PATH = /^\/(api(\/.*)?|healthz|readyz|metrics)$/;
/** A request's headers, and then the whole of it, must arrive within these. */
const HEADERS_WITHIN_MS = 10_000;
const REQUEST_WITHIN_MS = 60_000;

/** Opens the one port everything is served on. Whoever opens it closes it. */
export async function openHttpServer(parts: HttpServerParts): Promise<HttpServer> {
  const { rest, feed, next, publicHosts, logger } = parts;
  // Without this option it would replace the global Request and Response, which Next uses as well.
  const answerRest = getRequestListener(rest.fetch, { overrideGlobalObjects: false });
  const sockets = new Set<Duplex>();

  const server = createServer(
    { headersTimeout: HEADERS_WITHIN_MS, requestTimeout: REQUEST_WITHIN_MS },
    (request, response) => {
      answer(request, response).catch((error: unknown) => {
        logger.error('http:failed', { path: pathOf(request), error });
        refuse(response, error);
      });
    },
  );

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(request, publicHosts);
    if (refusal !== null) {
      const { host, origin } = request.headers;
      logger.warn('http:refused', { host, origin, method: request.method });
      return refuse(response, refusal);
    }
    const path = pathOf(request);
    if (REST_PATH.test(path)) return answerRest(request, response);
    if (path === feed.path || path === `${feed.path}/`)
      return refuse(response, new AppError('http/bad-request', 'The feed speaks WebSocket only.'));
    if (next === null)
      return refuse(response, new AppError('http/not-found', 'This hub serves no pages.'));
    setSecurityHeaders(response, next.dev);
    return next.handle(request, response);
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy()); // a peer that is gone; without a listener it would end the process
    const path = pathOf(request);
    // The feed looks at Host and Origin itself, and says why it refuses.
    if (path === feed.path || path === `${feed.path}/`) feed.handleUpgrade(request, socket, head);
    else if (
      next?.upgrade &&
      isOwnOrigin(request.headers.origin, request.headers.host, ownOf(request, publicHosts))
    )
      next.upgrade(request, socket, head);
    else socket.destroy();
  });

  const port = await listen(server, parts);
  const name = parts.host.includes(':') ? `[${parts.host}]` : parts.host;
  return {
    url: `http://${name}:${port}`,
    port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy(); // upgraded ones are no longer the server's
      await closed;
    },
  };
}

const ownOf = (request: IncomingMessage, publicHosts: readonly string[]): OwnAddress => ({
  port: request.socket.localPort ?? 0,
  publicHosts,
});

/** The path alone; a request line may hold anything, so it is not parsed as a URL. */
const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0] ?? '/';

/** Why a request is not taken, or null (HT2, HT3). */
function refusalOf(request: IncomingMessage, publicHosts: readonly string[]): AppError | null {
  const { host, origin } = request.headers;
  const own = ownOf(request, publicHosts);
  if (!isOwnHost(host, own))
    return new AppError(
      'access/denied',
      `This server is not "${(host ?? '').slice(0, 100)}": open it as http://127.0.0.1:${own.port}.`,
    );
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (!reads && !isOwnOrigin(origin, host, own))
    return new AppError('access/denied', 'A page of another site may not change anything here.');
  return null;
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy(); // half an answer cannot be taken back
    return;
  }
  response.writeHead(statusOf(error), {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(JSON.stringify({ error: toWireError(error) }));
}
