import type { ShopCommand, ShopReply } from '#lib/contracts/rest.ts';
import { AppError } from '#lib/errors/app-error.ts';
import type { Clock, MonoMs } from '#lib/time/instant.ts';
import { pause } from '#server/lifecycle/pause.ts';
import type { LogAppend, LogRecord, LogWriter } from '#server/ports/log-writer.ts';
import type { Logger } from '#server/ports/logger.ts';
import { ShopConditions } from './shop-conditions.ts';
import { livePlans, ShopSchedule, TICK_MS, type ShopPlan } from './shop-schedule.ts';
import { readShopState, writeShopState } from './shop-state.ts';
import { partitionOf, topicOf } from './shop-topics.ts';
import { dayNight, EVENTS_PER_JOURNEY, SHOP_STREAMS, type ShopEvent } from './shop-world.ts';

/** The state file is written once for this much shop time, before any of it is used. */
const PLAN_MS = 1_000;
/** Longest step of shop time at once: a laptop that wakes up or a broker that comes back gets no burst. */
const MAX_STEP_MS = 1_000;
/** An append that takes longer is told in the status. */
const SLOW_APPEND_MS = 2_000;
/** Wait after the n-th failed append in a row, ms. */
const retryAfterMs = (failures: number): number => Math.min(5_000, 200 * 2 ** failures);

export interface ShopOptions {
  readonly writer: LogWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stateFile: string;
  /** Used when there is no state yet; later the seed of the state holds. */
  readonly seed: string;
  /** Events per second, all streams together, as the mean over a day. */
  readonly rate: number;
  /** True: no day-night curve. */
  readonly steady?: boolean;
  /** Partitions of each shop topic. */
  readonly partitions: ReadonlyMap<string, number>;
}

/** The shop that produces the demo's events (rules SH). Open it, then `run`. */
export class Shop {
  readonly seed: string;
  readonly #options: ShopOptions;
  readonly #conditions = new ShopConditions();
  readonly #schedule: ShopSchedule;
  readonly #sent = new Map<string, number>();
  #plans: readonly ShopPlan[];
  #next: number;
  /** Shop time up to which the state file allows sending. */
  #plannedUntil: number;
  /** Part of a journey left over from the last plan. */
  #fraction = 0;
  #dropped = 0;
  #failing = false;
  #appendingSince: MonoMs | null = null;

  /** Reads the state, so that the sequence goes on where the last run may have stopped. */
  static async open(options: ShopOptions): Promise<Shop> {
    const state = await readShopState(options.stateFile);
    const from = Math.ceil((state?.until ?? options.clock.now()) / TICK_MS) * TICK_MS;
    return new Shop(
      options,
      state?.seed ?? options.seed,
      from,
      state?.next ?? 0,
      state?.plans ?? [],
    );
  }

  private constructor(
    options: ShopOptions,
    seed: string,
    from: number,
    next: number,
    plans: readonly ShopPlan[],
  ) {
    this.#options = options;
    this.seed = seed;
    this.#plannedUntil = from;
    this.#next = next;
    this.#plans = livePlans(plans, from);
    this.#schedule = new ShopSchedule(seed, from);
    for (const plan of this.#plans) this.#schedule.add(plan);
  }

  command(command: ShopCommand): ShopReply {
    if (command.action === 'status') return { ok: true, message: this.#sentence() };
    return this.#conditions.change(command);
  }

  /**
   * Sends events in ticks of 50 ms until `signal` aborts. While the cluster does not take them the shop stands still: nothing is queued, and what it
   * cannot know to be in the log is left out rather than sent again, so that no id is in the log twice (SH3).
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let shopNow = this.#plannedUntil;
    let steppedAt = clock.monotonic();
    let failures = 0;
    while (!signal.aborted) {
      const mono = clock.monotonic();
      shopNow += Math.min(MAX_STEP_MS, mono - steppedAt);
      steppedAt = mono;
      if (shopNow >= this.#plannedUntil) {
        await this.#plan();
        shopNow = Math.min(shopNow, this.#plannedUntil);
      }
      const events = this.#schedule.due(shopNow);
      const taken = await this.#send(events, clock.now() - shopNow, signal);
      this.#failing = !taken;
      failures = taken ? 0 : failures + 1;
      const spentMs = clock.monotonic() - mono;
      await pause(taken ? Math.max(0, TICK_MS - spentMs) : retryAfterMs(failures), signal);
    }
    await this.#keep(this.#schedule.sentUntil);
  }

  /** Plans the next second and writes it down before any of its ids is used (SH2). */
  async #plan(): Promise<void> {
    const { rate, clock, steady = false } = this.#options;
    const factor = steady ? 1 : dayNight(clock.now());
    const journeys = (rate * factor * PLAN_MS) / 1_000 / EVENTS_PER_JOURNEY + this.#fraction;
    const count = Math.floor(journeys);
    this.#fraction = journeys - count;
    const startAt = this.#plannedUntil;
    const plan: ShopPlan = { first: this.#next, count, startAt, spanMs: PLAN_MS };
    this.#plans = livePlans([...this.#plans, plan], startAt);
    this.#next += count;
    await this.#keep(startAt + PLAN_MS);
    this.#plannedUntil = startAt + PLAN_MS;
    this.#schedule.add(plan);
  }

  async #keep(until: number): Promise<void> {
    const { stateFile } = this.#options;
    await writeShopState(stateFile, {
      seed: this.seed,
      next: this.#next,
      until,
      plans: livePlans(this.#plans, until),
    });
  }

  /** False when the cluster did not take them. `shiftMs`: wall clock − shop time. */
  async #send(
    events: readonly ShopEvent[],
    shiftMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const appends = this.#appends(events, shiftMs);
    if (appends.length === 0) return true;
    try {
      this.#appendingSince = this.#options.clock.monotonic();
      await this.#options.writer.append(appends);
    } catch (error) {
      if (signal.aborted) return false;
      this.#dropped += appends.reduce((sum, { records }) => sum + records.length, 0);
      const code = error instanceof AppError ? error.code : 'internal';
      this.#options.logger.warn('shop:not-taken', { code, dropped: this.#dropped });
      return false;
    } finally {
      this.#appendingSince = null;
    }
    for (const { topic, records } of appends)
      this.#sent.set(topic, (this.#sent.get(topic) ?? 0) + records.length);
    return true;
  }

  #appends(events: readonly ShopEvent[], shiftMs: number): readonly LogAppend[] {
    const batches = new Map<
      string,
      { readonly topic: string; readonly partition: number; readonly records: LogRecord[] }
    >();
    for (const event of events) {
      if (this.#conditions.isQuiet(event.stream)) continue;
      const at = Math.floor(event.at + shiftMs);
      const value = event.render(at, this.#conditions.fails(event));
      if (value === null) continue;
      const topic = topicOf(event.stream);
      const partition = partitionOf(event.key, this.#options.partitions.get(topic) ?? 1);
      const record = { key: event.key, value, timestamp: this.#timestampOf(event, at) };
      const batch = batches.get(`${topic}-${partition}`);
      if (batch === undefined)
        batches.set(`${topic}-${partition}`, { topic, partition, records: [record] });
      else batch.records.push(record);
    }
    return [...batches.values()];
  }

  /** Page views carry no time of their own: their record's timestamp is it. Others are stamped when they are sent. */
  #timestampOf(event: ShopEvent, at: number): number {
    return event.stream === 'page_views' ? at : this.#options.clock.now();
  }

  #sentence(): string {
    const counts = SHOP_STREAMS.map(
      (stream) => `${topicOf(stream)} ${this.#sent.get(topicOf(stream)) ?? 0}`,
    );
    const since = this.#appendingSince;
    const isSlow = since !== null && this.#options.clock.monotonic() - since > SLOW_APPEND_MS;
    const waiting =
      this.#failing || isSlow ? ' The cluster does not take records; the shop waits.' : '';
    const dropped = this.#dropped === 0 ? '' : ` ${this.#dropped} left out.`;
    return `${this.#conditions.sentence()} ${this.#options.rate} events/s asked; sent since the start: ${counts.join(', ')}.${dropped}${waiting}`;
  }
}
