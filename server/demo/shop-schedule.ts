import { JOURNEY_MS, journeyOf, type ShopEvent } from './shop-world.ts';

/** Journeys first … first + count − 1, started evenly over a span of shop time. Enough to derive all their events again. */
export interface ShopPlan {
  readonly first: number;
  readonly count: number;
  /** Shop time, ms. */
  readonly startAt: number;
  readonly spanMs: number;
}

/** Width of a slot of the schedule: the tick of the shop, ms. */
export const TICK_MS = 50;

/** Events of the plans added, by the time at which they are to be sent. Holds nothing but what is not sent yet. */
export class ShopSchedule {
  readonly #seed: string;
  readonly #slots = new Map<number, ShopEvent[]>();
  #taken: number;

  /** @param from shop time, a multiple of TICK_MS: events to be sent before it are left out, they were sent by an earlier run. */
  constructor(seed: string, from: number) {
    this.#seed = seed;
    this.#taken = Math.floor(from / TICK_MS);
  }

  add(plan: ShopPlan): void {
    for (let i = 0; i < plan.count; i += 1) {
      const startAt = plan.startAt + Math.floor((i * plan.spanMs) / plan.count);
      for (const event of journeyOf(this.#seed, plan.first + i, startAt)) this.#put(event);
    }
  }

  /** Removes and returns what is to be sent before `until` (shop time, rounded down to a tick), in the order of sending. */
  due(until: number): readonly ShopEvent[] {
    const events: ShopEvent[] = [];
    for (const last = Math.floor(until / TICK_MS); this.#taken < last; this.#taken += 1) {
      const slot = this.#slots.get(this.#taken);
      if (slot === undefined) continue;
      this.#slots.delete(this.#taken);
      events.push(...slot);
    }
    return events;
  }

  /** Shop time up to which everything was handed out. */
  get sentUntil(): number {
    return this.#taken * TICK_MS;
  }

  #put(event: ShopEvent): void {
    const slot = Math.floor(event.sendAt / TICK_MS);
    if (slot < this.#taken) return;
    const events = this.#slots.get(slot);
    if (events === undefined) this.#slots.set(slot, [event]);
    else events.push(event);
  }
}

/** The plans that may still have something to send at `from`. */
export const livePlans = (plans: readonly ShopPlan[], from: number): readonly ShopPlan[] =>
  plans.filter((plan) => plan.startAt + plan.spanMs + JOURNEY_MS > from);
