import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { AppError } from '#lib/errors/app-error.ts';

/**
 * Below the range that systems give to outgoing connections (Linux 32768, IANA 49152). Inside it, a client that keeps knocking at a port while the
 * broker is down can be given that very port as its own, connect to itself, and so take the broker's place.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 200;

/** Ports that are free on loopback right now, all different. Somebody may take one before it is used: be ready to ask again. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let i = 0; i < TRIES && ports.length < count; i += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!ports.includes(port) && (await isPortFree(port))) ports.push(port);
  }
  if (ports.length < count)
    throw new AppError(
      'broker/failed',
      `No free port between ${LOWEST} and ${HIGHEST} could be found. Stop what listens there.`,
    );
  return ports;
}

/** True when nobody listens there on loopback. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    const { release } = await hold(port);
    await release();
    return true;
  } catch {
    return false;
  }
}

function hold(port: number): Promise<{ port: number; release: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      // A TCP server's address is an object; a string is only that of a pipe.
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      const release = () => new Promise<void>((done) => server.close(() => done()));
      resolve({ port: bound, release });
    });
  });
}
