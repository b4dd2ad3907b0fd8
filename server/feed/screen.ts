import type { Viewer } from '#lib/access/authorize.ts';
import {
  FEED_PROTOCOL,
  type BoardSnapshot,
  type BoardView,
  type ReplyValueOf,
  type RequestOf,
} from '#lib/contracts/feed.ts';
import { AppError, toWireError } from '#lib/errors/app-error.ts';
import type { Clock } from '#lib/time/instant.ts';
import { boardViewFor } from '#server/feed/board-view-for.ts';
import { onWritable, type FeedSocket } from '#server/feed/feed-socket.ts';
import { JoinedBoard } from '#server/feed/joined-board.ts';
import { onRequest } from '#server/feed/on-request.ts';
import type { Definitions } from '#server/ports/definitions.ts';
import type { MetricChange, MetricView } from '#server/ports/metric-view.ts';

/** Boards one connection may hold at a time: a tab shows one, an overview a handful. */
const MAX_BOARDS = 20;

export interface ScreenParts {
  readonly socket: FeedSocket;
  readonly viewer: Viewer;
  readonly view: MetricView;
  readonly definitions: Definitions;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** One connection: which boards it joined, and its requests. */
export class Screen {
  readonly #parts: ScreenParts;
  readonly #boards = new Map<string, JoinedBoard>();

  constructor(parts: ScreenParts) {
    this.#parts = parts;
    const { socket, report } = parts;
    onRequest(socket, 'board:join', (request) => this.#join(request), report, requireProtocol);
    onRequest(socket, 'board:leave', (request) => this.#leave(request), report);
    onRequest(socket, 'board:painted', (request) => this.#painted(request), report);
    onRequest(socket, 'clock:probe', () => this.#probe(), report);
    onWritable(socket, () => {
      for (const joined of this.#boards.values()) joined.schedule();
    });
  }

  /** True while it shows a board. */
  get watching(): boolean {
    return this.#boards.size > 0;
  }

  get waiting(): number {
    return [...this.#boards.values()].reduce((sum, joined) => sum + joined.waiting, 0);
  }

  note(change: MetricChange): void {
    for (const joined of this.#boards.values()) joined.note(change);
  }

  /** Definitions changed: asks for access again, and closes what is not what the screen joined (FD8). */
  recheck(): void {
    for (const [name, joined] of this.#boards) {
      const reason = this.#closedBecause(joined.board);
      if (reason === null) continue;
      this.#drop(name);
      this.#parts.socket.emit('board:closed', { board: name, reason });
    }
  }

  close(): void {
    for (const name of [...this.#boards.keys()]) this.#drop(name);
  }

  #join({ board, cadence }: RequestOf<'board:join'>): BoardSnapshot {
    const { viewer, definitions, view } = this.#parts;
    const now = boardViewFor(viewer, board, definitions, view);
    let joined = this.#boards.get(board);
    if (joined === undefined || !isSame(joined.board, now)) {
      this.#drop(board);
      if (this.#boards.size >= MAX_BOARDS)
        throw new AppError(
          'feed/bad-request',
          `One connection shows at most ${MAX_BOARDS} boards: leave one before joining another.`,
        );
      joined = new JoinedBoard(now, this.#parts);
      this.#boards.set(board, joined);
    }
    return joined.snapshot(cadence);
  }

  #leave({ board }: RequestOf<'board:leave'>): ReplyValueOf<'board:leave'> {
    this.#drop(board);
    return {};
  }

  #painted({ board, seq }: RequestOf<'board:painted'>): ReplyValueOf<'board:painted'> {
    this.#boards.get(board)?.painted(seq);
    return {};
  }

  #probe(): ReplyValueOf<'clock:probe'> {
    const now = this.#parts.view.clusterNow();
    return { clusterNow: now?.at ?? null, errorMs: now?.errorMs ?? 0 };
  }

  #closedBecause(board: BoardView): 'changed' | 'deleted' | 'access-revoked' | null {
    const { viewer, definitions, view, report } = this.#parts;
    try {
      return isSame(board, boardViewFor(viewer, board.name, definitions, view)) ? null : 'changed';
    } catch (error) {
      const { code } = toWireError(error);
      if (code === 'http/not-found') return 'deleted';
      if (code !== 'access/denied') report(error);
      return 'access-revoked'; // what cannot be checked is not shown
    }
  }

  #drop(board: string): void {
    this.#boards.get(board)?.close();
    this.#boards.delete(board);
  }
}

const isSame = (a: BoardView, b: BoardView): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Asked before the request is parsed: a tab of another build may send another shape, and must be told why. */
function requireProtocol(raw: unknown): void {
  if (typeof raw !== 'object' || raw === null || !('protocol' in raw)) return;
  if (typeof raw.protocol !== 'number' || raw.protocol === FEED_PROTOCOL) return;
  throw new AppError(
    'feed/protocol-mismatch',
    `This page is of another version than the server (feed protocol ${raw.protocol}, not ${FEED_PROTOCOL}): reload this page.`,
  );
}
