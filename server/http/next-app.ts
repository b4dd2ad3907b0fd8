import { createServer } from 'node:http';
import next from 'next';
import type { Pages } from '#server/http/open-http-server.ts';

export interface NextApp extends Pages {
  close(): Promise<void>;
}

export interface NextAppOptions {
  /** Folder of the project: `app/`, `next.config.js`, and the build in production. */
  readonly root: string;
  /** Compile on request and reload on change, instead of serving the build. */
  readonly dev: boolean;
  /** Address we listen on: in development Next refuses its own socket to pages of any other name but localhost. */
  readonly host: string;
}

/**
 * Prepares Next. It adds an `upgrade` listener of its own to the server it is given, so it is given one that never listens (Next 16.4); upgrades reach it from
 * ours, in development only.
 */
export async function openNextApp({ root, dev, host }: NextAppOptions): Promise<NextApp> {
  const bus = createServer();
  const app = next({ dev, dir: root, hostname: host, httpServer: bus });
  await app.prepare();
  const handler = app.getRequestHandler();
  return {
    dev,
    handle: (request, response) => handler(request, response),
    upgrade: dev ? (request, socket, head) => bus.emit('upgrade', request, socket, head) : null,
    close: () => app.close(),
  };
}
