import type { BoardSnapshot, BoardUpdate, BoardView, Point } from '#lib/contracts/feed.ts';
import type { WireError } from '#lib/errors/app-error.ts';
import type { FreshnessFacts } from '#lib/freshness/facts.ts';
import { pointsSince } from '#lib/panels/points-since.ts';

/** One panel as one packet left it. Points and the facts that speak for them never change apart (FD4, SEMANTICS 4.3). */
export interface PanelData {
  /** By series and window start. */
  readonly points: ReadonlyMap<string, Point>;
  readonly facts: FreshnessFacts;
  readonly seq: number;
  /** Monotonic instant of the packet that last brought a value; null before the first. */
  readonly updatedAt: number | null;
}

export interface OpenBoard {
  readonly kind: 'open';
  readonly view: BoardView;
  readonly panels: ReadonlyMap<string, PanelData>;
  readonly seq: number;
}

/** What a tab knows of a board it asked for. */
export type BoardState =
  | { readonly kind: 'joining' }
  | { readonly kind: 'refused'; readonly error: WireError }
  | { readonly kind: 'closed'; readonly reason: 'deleted' | 'access-revoked' }
  | OpenBoard;

const pointKey = (point: Point): string => `${point.start}|${point.dims}`;

/** Held points may outgrow what the panel needs by this share before the old ones are dropped. */
const SLACK = 1.25;

function pruned(
  points: Map<string, Point>,
  view: BoardView,
  panel: string,
  facts: FreshnessFacts,
): Map<string, Point> {
  const found = view.panels.find(({ spec }) => spec.id === panel);
  if (found === undefined || found.face === null) return points;
  const since = pointsSince(found.spec, found.face.windowMs, facts.frontier, facts.closing);
  if (since === null) return points;
  let old = 0;
  for (const point of points.values()) if (point.end <= since) old += 1;
  if (points.size < (points.size - old) * SLACK) return points;
  for (const [key, point] of points) if (point.end <= since) points.delete(key);
  return points;
}

function withUpdate(board: OpenBoard, update: BoardUpdate, receivedAt: number): OpenBoard {
  const panels = new Map(board.panels);
  for (const channel of update.channels) {
    const held = panels.get(channel.panel);
    const keep = held !== undefined && !channel.reset;
    let points = keep ? held.points : new Map<string, Point>();
    if (channel.points.length > 0) {
      const next = new Map(points);
      for (const point of channel.points) {
        if (point.withdrawn) next.delete(pointKey(point));
        else next.set(pointKey(point), point);
      }
      points = pruned(next, board.view, channel.panel, channel.facts);
    }
    panels.set(channel.panel, {
      points,
      facts: channel.facts,
      seq: update.seq,
      updatedAt: channel.points.length > 0 ? receivedAt : (held?.updatedAt ?? null),
    });
  }
  return { ...board, panels, seq: update.seq };
}

/** The board as a snapshot tells it; nothing held before survives. */
export const boardFrom = (snapshot: BoardSnapshot, receivedAt: number): OpenBoard =>
  withUpdate(
    { kind: 'open', view: snapshot.view, panels: new Map(), seq: snapshot.update.seq },
    snapshot.update,
    receivedAt,
  );

/** The board after one packet, or null when a packet is missing before it: then only a snapshot helps (FD2). */
export const boardAfter = (
  board: OpenBoard,
  update: BoardUpdate,
  receivedAt: number,
): OpenBoard | null =>
  update.seq === board.seq + 1 ? withUpdate(board, update, receivedAt) : null;
