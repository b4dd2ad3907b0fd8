/** Names and addresses that never leave this machine. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/** True for a name or address (without port) that stays on this machine. */
export const isLoopback = (name: string): boolean => LOOPBACK.test(name);

export interface OwnAddress {
  /** The port this connection arrived at. */
  readonly port: number;
  /** `host` or `host:port` values under which a proxy shows us; the only names allowed beyond loopback. */
  readonly publicHosts: readonly string[];
}

/**
 * Whether a Host header names us. A page of another site that had its own name resolve to 127.0.0.1 (DNS rebinding) fails here (HT2).
 */
export function isOwnHost(host: string | undefined, own: OwnAddress): boolean {
  if (host === undefined) return false;
  const given = host.toLowerCase();
  if (own.publicHosts.some((name) => name.toLowerCase() === given)) return true;
  return isLoopbackWithPort(given, own.port);
}

/**
 * Whether a request with this Origin may change something or open a feed (HT3). Browsers always send Origin with a POST and with a WebSocket;
 * a request without it comes from a program, and is taken only where Host is loopback. The Host must have been checked before.
 */
export function isOwnOrigin(
  origin: string | undefined,
  host: string | undefined,
  own: OwnAddress,
): boolean {
  if (!isOwnHost(host, own)) return false;
  if (origin === undefined) return isLoopbackWithPort((host ?? '').toLowerCase(), own.port);
  const match = /^https?:\/\/([^/]+)$/i.exec(origin);
  const from = match?.[1]?.toLowerCase();
  if (from === undefined) return false;
  return from === host?.toLowerCase() || isLoopbackWithPort(from, own.port);
}

function isLoopbackWithPort(host: string, port: number): boolean {
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(host);
  if (!match) return false;
  // Port 80 is the only one that plain HTTP leaves out of Host.
  return isLoopback(match[1] ?? '') && Number(match[2] ?? 80) === port;
}
