import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ClientToServerEvents, ServerToClientEvents } from '#lib/contracts/feed.ts';
import { epochMs } from '#lib/time/instant.ts';
import { SocketWire } from './socket-wire.ts';

let io: Server<ClientToServerEvents, ServerToClientEvents>;
let url: string;
let wire: SocketWire;
const handlers = { connected: vi.fn(), disconnected: vi.fn(), update: vi.fn(), closed: vi.fn() };

beforeEach(async () => {
  Object.values(handlers).forEach((handler) => handler.mockReset());
  const http = createServer();
  io = new Server(http, { path: '/feed', transports: ['websocket'], serveClient: false });
  io.on('connection', (socket) => {
    socket.on('clock:probe', (_request, reply) =>
      reply({ ok: true, value: { clusterNow: 42, errorMs: 1 } }),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  wire = new SocketWire(url);
});
afterEach(async () => {
  wire.close();
  await io.close();
});

test('[FD15] refuses a request while there is no connection, instead of sending it later', async () => {
  await expect(wire.request('clock:probe', {})).rejects.toThrow('The server is away.');
});

test('[FD15] asks, is answered, and hands on what the server sends', async () => {
  wire.open(handlers);
  await vi.waitFor(() => expect(handlers.connected).toHaveBeenCalledTimes(1));
  expect(await wire.request('clock:probe', {})).toEqual({
    ok: true,
    value: { clusterNow: 42, errorMs: 1 },
  });
  const update = { board: 'shop', seq: 1, sentAt: epochMs(5), channels: [] };
  io.emit('board:update', update);
  await vi.waitFor(() => expect(handlers.update).toHaveBeenCalledWith(update));
});

test.each([
  ['the connection is dropped', () => io.engine.clientsCount, () => wire.renew()],
  ['the server sends it away', () => io.engine.clientsCount, () => io.disconnectSockets()],
])('[FD15] comes back by itself when %s', async (_, clients, drop) => {
  wire.open(handlers);
  await vi.waitFor(() => expect(handlers.connected).toHaveBeenCalledTimes(1));
  drop();
  await vi.waitFor(() => expect(handlers.connected).toHaveBeenCalledTimes(2), { timeout: 5_000 });
  expect(handlers.disconnected).toHaveBeenCalledTimes(1);
  expect(clients()).toBeGreaterThan(0);
});
