import { io, type Socket } from 'socket.io-client';
import {
  FEED_PROTOCOL,
  type BoardUpdate,
  type ClientToServerEvents,
  type ReplyOf,
  type ServerToClientEvents,
} from '#lib/contracts/feed.ts';

/**
 * A screen that looks all the time, through restarts of the hub, and notes every step back: a count or a sum of positive amounts that
 * became smaller, a value that vanished, a frontier that moved back (P2).
 */
export class WatchingScreen {
  readonly steps: string[] = [];
  updates = 0;
  joins = 0;
  readonly #largest = new Map<string, number>();
  readonly #frontiers = new Map<string, number>();
  readonly #socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  readonly #board: string;
  #seq = -1;

  constructor(url: string, board: string) {
    this.#board = board;
    this.#socket = io(url, {
      path: '/feed',
      transports: ['websocket'],
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
    });
    this.#socket.on('connect', () => this.#join());
    this.#socket.on('board:update', (update) => {
      if (update.seq !== this.#seq + 1) return this.#join();
      this.#take(update);
    });
  }

  close(): void {
    this.#socket.close();
  }

  #join(): void {
    this.#socket.emit(
      'board:join',
      { board: this.#board, protocol: FEED_PROTOCOL, cadence: 'calm' },
      (reply: ReplyOf<'board:join'>) => {
        if (!reply.ok) return this.steps.push(`join refused: ${reply.error.message}`);
        this.joins += 1;
        return this.#take(reply.value.update);
      },
    );
  }

  #take(update: BoardUpdate): void {
    this.#seq = update.seq;
    this.updates += 1;
    for (const { panel, points, facts, reset } of update.channels) {
      const before = this.#frontiers.get(panel) ?? 0;
      if (facts.frontier !== null) {
        if (facts.frontier < before)
          this.steps.push(`${panel}: frontier ${String(before)} → ${String(facts.frontier)}`);
        this.#frontiers.set(panel, facts.frontier);
      }
      const shown = new Set<string>();
      for (const { dims, start, value, withdrawn } of points) {
        const key = `${panel}|${String(start)}|${dims}`;
        shown.add(key);
        const number = withdrawn ? -1 : Number(value);
        const largest = this.#largest.get(key) ?? 0;
        if (number < largest) this.steps.push(`${key}: ${String(largest)} → ${String(number)}`);
        this.#largest.set(key, Math.max(largest, number));
      }
      if (!reset || this.#largest.size === 0) continue;
      for (const key of this.#largest.keys()) {
        if (key.startsWith(`${panel}|`) && !shown.has(key)) this.steps.push(`${key} vanished`);
      }
    }
  }
}
