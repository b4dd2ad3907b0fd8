import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback } from '#lib/access/origin.ts';
import { AppError } from '#lib/errors/app-error.ts';

/** How many ports are tried, from the given one up, when nobody asked for that one in particular. */
const TRIES = 20;
const LAST_PORT = 65_535;

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** The port was asked for: another one will not do. */
  readonly strictPort: boolean;
}

/**
 * Listens, and answers with the port it got. Throws `http/port-taken` in one sentence when it is another program's (HT1), and `config/invalid` for an
 * address beyond loopback, because nobody could be asked to sign in there.
 */
export async function listen(server: Server, options: ListenOptions): Promise<number> {
  const { host, port, strictPort } = options;
  if (!isLoopback(host))
    throw new AppError(
      'config/invalid',
      `Freshet does not listen on ${host}: sign-in is not set up, so whoever reaches that address would be its owner. Listen on 127.0.0.1 (HOST).`,
    );
  const last = strictPort || port === 0 ? port : Math.min(port + TRIES - 1, LAST_PORT);
  for (let tried = port; tried <= last; tried += 1) {
    if (await listens(server, host, tried)) return (server.address() as AddressInfo).port; // a TCP server has a port
  }
  throw new AppError(
    'http/port-taken',
    strictPort
      ? `Port ${port} is taken by another program: stop it, or set PORT to another one.`
      : `Ports ${port} to ${last} are all taken by other programs: set PORT to a free one.`,
    { host, port },
  );
}

/** False when somebody else has the port. */
async function listens(server: Server, host: string, port: number): Promise<boolean> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EADDRINUSE') return false;
    if (code === 'EACCES')
      throw new AppError(
        'config/invalid',
        `Port ${port} may only be opened by the system's administrator: set PORT to one from 1024 up.`,
        { host, port },
        error,
      );
    throw new AppError(
      'config/invalid',
      `Cannot listen on ${host}, port ${port}.`,
      { host, port },
      error,
    );
  }
}
