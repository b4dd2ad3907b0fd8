import { FEED_PROTOCOL, FEED_SILENCE_MS, type BoardUpdate } from '#lib/contracts/feed.ts';
import { boardAfter, boardFrom, type BoardState } from './board-state.ts';
import type { Feed, Moment, ScreenHops } from './feed-context.tsx';
import type { FeedWire } from './feed-wire.ts';
import { Liveness } from './liveness.ts';
import { HopSamples } from './screen-hops.ts';
import type { Tab } from './tab.ts';
import { ViewerClock } from './viewer-clock.ts';

/** How often the tab looks whether it is still heard; a state that depends on silence is at most this late. */
const LOOK_MS = 250;
/** Ages are counted on the screen once a second and at every packet. */
const TICK_MS = 1_000;
/** Probes come each second at first and while no board is open, then at this distance. */
const PROBE_MS = 10_000;
const FIRST_PROBES = 4;
/** A connection that says nothing for so long is dropped and made again: after a sleep it is often half dead. */
const RENEW_MS = 3 * FEED_SILENCE_MS;
const JOIN_AGAIN_MS = 1_000;

interface Channel {
  state: BoardState;
  holders: number;
  /** Packets are ignored until the asked snapshot comes. */
  awaiting: boolean;
  /** When to ask again after a failure that may pass, monotonic. */
  againAt: number | null;
  /** Arrival of packets that are not painted yet. */
  received: Map<number, number>;
  readonly paint: HopSamples;
  readonly deliver: Map<string, HopSamples>;
}

const JOINING: BoardState = { kind: 'joining' };
const SILENT: Moment = {
  now: null,
  mono: 0,
  errorMs: 0,
  connection: { kind: 'lost', sinceMs: 0 },
  connecting: true,
  rttMs: null,
};

/**
 * The tab's side of the feed. State lives here, outside React, and is published at most once per animation frame: components see
 * one moment and, per board, exactly what whole packets left (FD4, FD18). `start` opens it; what it returns closes everything.
 */
export class FeedClient implements Feed {
  readonly #wireOf: () => FeedWire;
  readonly #tab: Tab;
  readonly #cadence: 'calm' | 'frame';
  readonly #clock = new ViewerClock();
  readonly #channels = new Map<string, Channel>();
  readonly #listeners = new Set<() => void>();
  #live: Liveness;
  #wire: FeedWire | null = null;
  #connected = false;
  /** The clock of this connection was asked: joins may go out. */
  #ready = false;
  #probes = 0;
  #probedAt = -Infinity;
  #renewedAt = 0;
  #tickedAt = 0;
  #frame: (() => void) | null = null;
  #moment: Moment = SILENT;
  #boards: ReadonlyMap<string, BoardState> = new Map();

  constructor(
    wireOf: () => FeedWire,
    tab: Tab,
    options: { readonly cadence: 'calm' | 'frame' } = { cadence: 'calm' },
  ) {
    this.#wireOf = wireOf;
    this.#tab = tab;
    this.#cadence = options.cadence;
    this.#live = new Liveness(tab);
  }

  start(): () => void {
    const wire = this.#wireOf();
    this.#wire = wire;
    this.#live = new Liveness(this.#tab);
    wire.open({
      connected: () => void this.#connectedNow(),
      disconnected: () => this.#disconnectedNow(),
      update: (update) => this.#take(update),
      closed: (event) => this.#close(event),
    });
    const stopLooking = this.#tab.every(LOOK_MS, () => this.#look());
    const stopWaking = this.#tab.onWake(() => this.#look());
    return () => {
      stopLooking();
      stopWaking();
      this.#frame?.();
      this.#frame = null;
      this.#disconnectedNow();
      this.#wire = null;
      wire.close();
    };
  }

  subscribe(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  }

  moment(): Moment {
    return this.#moment;
  }

  board(name: string): BoardState {
    return this.#boards.get(name) ?? JOINING;
  }

  open(name: string): () => void {
    const channel = this.#channels.get(name) ?? newChannel();
    channel.holders += 1;
    this.#channels.set(name, channel);
    if (channel.holders === 1) void this.#join(name, channel);
    return () => {
      channel.holders -= 1;
      if (channel.holders > 0) return;
      this.#channels.delete(name);
      // An unanswered good-bye changes nothing: the server forgets a board with its connection.
      this.#wire?.request('board:leave', { board: name }).catch(() => undefined);
      this.#publishSoon();
    };
  }

  painted(name: string, seq: number): void {
    const channel = this.#channels.get(name);
    if (channel === undefined) return;
    const now = this.#tab.monotonic();
    let some = false;
    for (const [packet, receivedAt] of channel.received) {
      if (packet > seq) continue;
      channel.received.delete(packet);
      channel.paint.add(now, now - receivedAt);
      some = true;
    }
    if (some) this.#wire?.request('board:painted', { board: name, seq }).catch(() => undefined);
  }

  screenHops(board: string, panel: string): ScreenHops {
    const channel = this.#channels.get(board);
    const now = this.#tab.monotonic();
    return {
      deliver: channel?.deliver.get(panel)?.summary(now) ?? null,
      paint: channel?.paint.summary(now) ?? null,
    };
  }

  async #connectedNow(): Promise<void> {
    this.#connected = true;
    this.#probes = 0;
    // The clock first: a board without the cluster's time could say nothing true.
    await this.#probe();
    if (!this.#connected) return;
    this.#ready = true;
    for (const [name, channel] of this.#channels) void this.#join(name, channel);
  }

  #disconnectedNow(): void {
    this.#connected = false;
    this.#ready = false;
  }

  async #probe(): Promise<void> {
    const wire = this.#wire;
    if (wire === null || !this.#connected) return;
    const sentAt = this.#tab.monotonic();
    this.#probedAt = sentAt;
    this.#probes += 1;
    const reply = await wire.request('clock:probe', {}).catch(() => null);
    if (reply === null || !reply.ok || this.#wire !== wire) return;
    // An answer that straddles a sleep says nothing about now.
    if (this.#live.slept()) return this.#woke();
    const { clusterNow, errorMs } = reply.value;
    if (clusterNow !== null)
      this.#clock.observe(sentAt, this.#tab.monotonic(), { clusterNow, errorMs });
    this.#live.probed();
    if (!this.#expectsPackets()) this.#live.heard();
    this.#publishSoon();
  }

  /** Whether the server owes this tab packets: not while it shows no board, or one that was refused or closed. */
  #expectsPackets(): boolean {
    return [...this.#channels.values()].some(
      ({ state }) => state.kind !== 'refused' && state.kind !== 'closed',
    );
  }

  async #join(name: string, channel: Channel): Promise<void> {
    const wire = this.#wire;
    if (wire === null || !this.#ready) return;
    channel.awaiting = true;
    channel.againAt = null;
    const request = { board: name, protocol: FEED_PROTOCOL, cadence: this.#cadence };
    const reply = await wire.request('board:join', request).catch(() => null);
    if (this.#wire !== wire || this.#channels.get(name) !== channel) return;
    if (reply === null || (!reply.ok && reply.error.retryable)) {
      channel.againAt = this.#tab.monotonic() + JOIN_AGAIN_MS;
      return;
    }
    channel.awaiting = false;
    this.#live.heard();
    if (!reply.ok) channel.state = { kind: 'refused', error: reply.error };
    else {
      const now = this.#tab.monotonic();
      channel.state = boardFrom(reply.value, now);
      channel.received = new Map([[reply.value.update.seq, now]]);
    }
    this.#publishSoon();
  }

  #take(update: BoardUpdate): void {
    const channel = this.#channels.get(update.board);
    if (channel === undefined || channel.awaiting || channel.state.kind !== 'open') return;
    const now = this.#tab.monotonic();
    const next = boardAfter(channel.state, update, now);
    if (next === null) {
      void this.#join(update.board, channel);
      return;
    }
    this.#live.heard();
    channel.state = next;
    channel.received.set(update.seq, now);
    this.#measureDeliver(channel, update, now);
    this.#publishSoon();
  }

  /** Emitted → received, both in the cluster's clock; of the newest value of each panel. */
  #measureDeliver(channel: Channel, update: BoardUpdate, now: number): void {
    const clock = this.#clock.read(now);
    if (clock === null) return;
    for (const { panel, points, reset } of update.channels) {
      if (reset) continue;
      const newest = points.reduce((most, point) => Math.max(most, point.emittedAt ?? 0), 0);
      if (newest === 0) continue;
      const samples = channel.deliver.get(panel) ?? new HopSamples();
      channel.deliver.set(panel, samples);
      samples.add(now, clock.at - newest);
    }
  }

  #close(event: { board: string; reason: 'changed' | 'deleted' | 'access-revoked' }): void {
    const channel = this.#channels.get(event.board);
    if (channel === undefined) return;
    if (event.reason === 'changed') void this.#join(event.board, channel);
    else channel.state = { kind: 'closed', reason: event.reason };
    this.#publishSoon();
  }

  #woke(): void {
    this.#clock.reset();
    this.#probes = 0;
    void this.#probe();
    this.#publishSoon();
  }

  #look(): void {
    if (this.#live.slept()) this.#woke();
    const now = this.#tab.monotonic();
    const often = this.#probes < FIRST_PROBES || !this.#expectsPackets();
    if (now - this.#probedAt >= (often ? TICK_MS : PROBE_MS)) void this.#probe();
    for (const [name, channel] of this.#channels)
      if (channel.againAt !== null && now >= channel.againAt) void this.#join(name, channel);
    const { connection } = this.#moment;
    const is = this.#live.connection();
    const silent = is.kind === 'lost' && is.sinceMs >= RENEW_MS;
    if (silent && this.#connected && now - this.#renewedAt >= RENEW_MS) {
      this.#renewedAt = now;
      this.#wire?.renew();
    }
    const second = Math.floor(this.#tab.wall() / TICK_MS);
    if (second === this.#tickedAt && is.kind === connection.kind) return;
    this.#tickedAt = second;
    this.#publishSoon();
  }

  #publishSoon(): void {
    if (this.#frame !== null || this.#wire === null) return;
    this.#frame = this.#tab.nextFrame(() => {
      this.#frame = null;
      // A frame asked for before a sleep may run after it.
      if (this.#live.slept()) this.#woke();
      this.#publish();
    });
  }

  #publish(): void {
    const mono = this.#tab.monotonic();
    const clock = this.#clock.read(mono);
    this.#moment = {
      now: clock?.at ?? null,
      mono,
      errorMs: clock?.errorMs ?? 0,
      connection: this.#live.connection(),
      connecting: this.#live.connecting(),
      rttMs: this.#clock.rttMs,
    };
    this.#boards = new Map([...this.#channels].map(([name, { state }]) => [name, state]));
    for (const listener of this.#listeners) listener();
  }
}

const newChannel = (): Channel => ({
  state: JOINING,
  holders: 0,
  awaiting: false,
  againAt: null,
  received: new Map(),
  paint: new HopSamples(),
  deliver: new Map(),
});
