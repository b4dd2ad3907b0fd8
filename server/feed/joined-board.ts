import {
  FEED_BEAT_MS,
  type BoardSnapshot,
  type BoardUpdate,
  type BoardView,
  type ChannelUpdate,
} from '#lib/contracts/feed.ts';
import { epochMs, type Clock } from '#lib/time/instant.ts';
import { Channel } from '#server/feed/channel.ts';
import { isWritable, type FeedSocket } from '#server/feed/feed-socket.ts';
import { dueAt, type Cadence } from '#server/feed/pace.ts';
import type { MetricChange, MetricView } from '#server/ports/metric-view.ts';

export interface JoinedBoardParts {
  readonly socket: FeedSocket;
  readonly view: MetricView;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/**
 * One board on one screen: what is pending for it, and when the next packet leaves. All channels share a packet. Facts and points of a packet
 * are read in one turn of the event loop (FD4). Nothing leaves while the connection has not taken the packet before (FD6).
 */
export class JoinedBoard {
  readonly #parts: JoinedBoardParts;
  readonly #board: BoardView;
  readonly #channels: readonly Channel[];
  #cadence: Cadence = 'calm';
  #seq = 0;
  /** Monotonic; of the last packet, and of the last one that carried every channel. */
  #sentAt = 0;
  #fullAt = 0;
  #paintedSeq = 0;
  #cancel: () => void = () => {};

  constructor(board: BoardView, parts: JoinedBoardParts) {
    this.#board = board;
    this.#parts = parts;
    this.#channels = board.panels.flatMap(({ spec, face }) =>
      face === null ? [] : [new Channel(spec, face, parts.view)],
    );
  }

  get board(): BoardView {
    return this.#board;
  }

  /** Unsent points; bounded by channels × MAX_PENDING_POINTS. */
  get waiting(): number {
    return this.#channels.reduce((sum, channel) => sum + channel.waiting, 0);
  }

  /** The whole content at the current count; updates go on from it. */
  snapshot(cadence: Cadence): BoardSnapshot {
    this.#cadence = cadence;
    const channels = this.#channels.flatMap((channel) => channel.snapshot() ?? []);
    this.#sentAt = this.#parts.clock.monotonic();
    this.#fullAt = this.#sentAt;
    this.#paintedSeq = this.#seq; // the answer to a join is not waited for
    this.schedule();
    return { view: this.#board, update: this.#packet(channels) };
  }

  note(change: MetricChange): void {
    let concerned = false;
    for (const channel of this.#channels) {
      if (channel.metric !== change.metric) continue;
      channel.note(change);
      concerned = true;
    }
    if (concerned) this.schedule();
  }

  painted(seq: number): void {
    if (seq <= this.#paintedSeq || seq > this.#seq) return;
    this.#paintedSeq = seq;
    this.schedule();
  }

  /** Plans the next packet; called again whenever something that decides about it has changed. */
  schedule(): void {
    this.#cancel();
    // A connection that is not writable calls back when it is; until then everything merges, the heartbeat too.
    if (!isWritable(this.#parts.socket)) return;
    const waitMs =
      dueAt({
        cadence: this.#cadence,
        sentAt: this.#sentAt,
        unpainted: this.#paintedSeq < this.#seq,
        changed: this.#channels.some((channel) => channel.changed),
      }) - this.#parts.clock.monotonic();
    if (waitMs <= 0) {
      // Not in this very turn: changes that come together leave together.
      const handle = setImmediate(() => this.#flush());
      this.#cancel = () => clearImmediate(handle);
    } else {
      const handle = setTimeout(() => this.#flush(), Math.ceil(waitMs));
      this.#cancel = () => clearTimeout(handle);
    }
  }

  close(): void {
    this.#cancel();
  }

  #flush(): void {
    const { socket, clock, report } = this.#parts;
    if (!socket.connected || !isWritable(socket)) return;
    const now = clock.monotonic();
    this.#sentAt = now;
    // Counted before anything is taken: should that fail half-way, the screen sees a gap and asks for a snapshot.
    this.#seq += 1;
    try {
      // Every channel's facts at least once per beat, also of those where nothing happened (FD3).
      const changed = this.#channels.filter((channel) => channel.changed);
      const full = changed.length === 0 || now - this.#fullAt >= FEED_BEAT_MS;
      if (full) this.#fullAt = now;
      const taken = (full ? this.#channels : changed).flatMap((channel) => channel.take() ?? []);
      socket.emit('board:update', this.#packet(taken));
    } catch (error) {
      report(error);
    }
    this.schedule();
  }

  #packet(channels: ChannelUpdate[]): BoardUpdate {
    const { view, clock } = this.#parts;
    // Before the cluster's clock is measured this machine's stands in; nothing is computed from `sentAt` but the transport's delay.
    const sentAt = epochMs(view.clusterNow()?.at ?? clock.now());
    return { board: this.#board.name, seq: this.#seq, sentAt, channels };
  }
}
