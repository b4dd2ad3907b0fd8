import type { Server, Socket } from 'socket.io';
import type { ClientToServerEvents, ServerToClientEvents } from '#lib/contracts/feed.ts';

export type FeedServer = Server<ClientToServerEvents, ServerToClientEvents>;
export type FeedSocket = Socket<ClientToServerEvents, ServerToClientEvents>;

/**
 * Whether the last packet left this process: `ws` handed its last frame to the kernel, and Engine.IO has none waiting behind it (it sends those the
 * moment the transport is writable). The transport is a WebSocket from the first byte, so it stays the same object for the connection's life.
 */
export const isWritable = (socket: FeedSocket): boolean => socket.conn.transport.writable;

/** Packets that wait in this process behind the one that is being written. Engine.IO 6.6 keeps them in a member its types call private. */
export const buffered = (socket: FeedSocket): number => socket.conn['writeBuffer'].length;

/** Calls back each time the connection can take the next packet. Engine.IO 6.6: `ready` comes after `writable` is true, `drain` before it. */
export function onWritable(socket: FeedSocket, callback: () => void): void {
  socket.conn.transport.on('ready', callback);
}
