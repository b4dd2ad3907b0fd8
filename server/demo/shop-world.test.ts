import { describe, expect, test } from 'vitest';
import { livePlans, ShopSchedule, TICK_MS, type ShopPlan } from './shop-schedule.ts';
import {
  dayNight,
  EVENTS_PER_JOURNEY,
  FAILURE_RATIO,
  JOURNEY_MS,
  journeyOf,
  type ShopEvent,
} from './shop-world.ts';

const START = 1_800_000_000_000;
const journeys = (count: number, seed = 'a') =>
  Array.from({ length: count }, (_, n) => journeyOf(seed, n, START));
const drawn = (event: ShopEvent) => ({
  ...event,
  render: [event.render(event.at, false), event.render(event.at, true)],
});
const parsed = (event: ShopEvent): Record<string, unknown> | null => {
  try {
    return JSON.parse(event.render(event.at, false) ?? 'null') as Record<string, unknown> | null;
  } catch {
    return null;
  }
};
const ID = {
  orders: 'order_id',
  payments: 'payment_id',
  shipments: 'shipment_id',
  page_views: 'view_id',
} as const;

describe('the shop', () => {
  const events = journeys(20_000).flat();

  test('[SH1] the same seed, number and start give the same events', () => {
    expect(journeys(50).flat().map(drawn)).toEqual(journeys(50).flat().map(drawn));
    expect(journeys(50, 'b').flat().map(drawn)).not.toEqual(journeys(50).flat().map(drawn));
  });

  test('[SH1] no id is used twice', () => {
    const ids = events.flatMap((event) => parsed(event)?.[ID[event.stream]] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('[SH4] records have the shape of their stream', () => {
    const first = (stream: ShopEvent['stream']) =>
      events.find((event) => event.stream === stream)!.render(Date.UTC(2026, 0, 2), false)!;
    expect(first('orders')).toMatch(
      /^\{"order_id":"o-a-\w+","customer_id":"c-\d+","product_id":"p-\d+","channel":"(web|app|store|partner)","region":"(north|south|east|west)","quantity":\d,"amount":\d+\.\d\d,"currency":"EUR","status":"(placed|cancelled)","ordered_at":"2026-01-02T00:00:00.000Z"\}$/,
    );
    expect(first('payments')).toMatch(
      /^\{"payment_id":"y-a-\w+-\d","order_id":"o-a-\w+","provider":"(stripe|adyen|paypal|klarna)","method":"(card|wallet|invoice)","status":"(pending|succeeded)","amount":\d+\.\d\d,"card_last4":"\d{4}","paid_at":"2026-01-02T00:00:00.000Z"\}$/,
    );
    expect(first('shipments')).toMatch(
      /^\{"shipment_id":"h-a-\w+","order_id":"o-a-\w+","carrier":"(dhl|ups|dpd)","warehouse":"\w+-1","cost":\d+\.\d\d,"weight_grams":\d+,"shipped_at":1767312000000\}$/,
    );
    expect(first('page_views')).toMatch(
      /^\{"view_id":"v-a-\w+-\d","session_id":"s-a-\w+","page":"(home|search|product|cart|checkout)","channel":"(web|app|store|partner)","duration_ms":\d+\}$/,
    );
  });

  test('[SH5] a payment follows its order after 1–20 s, a shipment after 20–90 s or its payment', () => {
    const purchases = journeys(5_000)
      .map((journey) => ({
        order: journey.find((e) => e.stream === 'orders'),
        payment: journey.find((e) => e.stream === 'payments'),
        shipment: journey.find((e) => e.stream === 'shipments'),
      }))
      .filter((purchase) => purchase.payment !== undefined);
    expect(purchases.length).toBeGreaterThan(2_000);
    for (const { order, payment, shipment } of purchases) {
      expect(payment!.at - order!.at).toBeGreaterThanOrEqual(1_000);
      expect(payment!.at - order!.at).toBeLessThanOrEqual(20_000);
      expect(shipment!.at - order!.at).toBeGreaterThanOrEqual(20_000);
      expect(shipment!.at - order!.at).toBeLessThanOrEqual(90_000);
      expect(shipment!.at).toBeGreaterThan(payment!.at);
    }
  });

  test('[SH6] about one in twenty is out of order, a few wait up to 40 s, one in 5 000 is garbage', () => {
    const delays = events.map((event) => event.sendAt - event.at);
    const share = (of: (ms: number) => boolean) => delays.filter(of).length / delays.length;
    expect(share((ms) => ms > 0 && ms <= 5_000)).toBeCloseTo(0.05, 2);
    expect(share((ms) => ms > 5_000)).toBeGreaterThan(0.0001);
    expect(Math.max(...delays)).toBeLessThanOrEqual(40_000);
    const bad = events.filter((event) => {
      const record = parsed(event);
      const timeless = event.stream !== 'page_views' && !/_at":/.test(JSON.stringify(record));
      return record === null || timeless;
    });
    expect(bad.length / events.length).toBeGreaterThan(0.00005);
    expect(bad.length / events.length).toBeLessThan(0.0005);
  });

  test('a journey brings the mean the rate counts on, and ends in its time', () => {
    expect(events.length / 20_000).toBeCloseTo(EVENTS_PER_JOURNEY, 1);
    expect(Math.max(...events.map((event) => event.sendAt - START))).toBeLessThan(JOURNEY_MS);
  });

  test('about three in a hundred payments fail by themselves, and what is not paid for is not shipped', () => {
    const payments = events.filter((event) => event.stream === 'payments');
    const failed = payments.filter((event) => event.luck < FAILURE_RATIO);
    expect(failed.length / payments.length).toBeCloseTo(FAILURE_RATIO, 2);
    const shipment = events.find((event) => event.stream === 'shipments');
    expect(shipment!.render(START, true)).toBeNull();
  });

  test('the day-night curve has a mean of 1', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => dayNight(hour * 3_600_000));
    expect(hours.reduce((a, b) => a + b) / 24).toBeCloseTo(1, 6);
    expect(Math.min(...hours)).toBeCloseTo(0.6, 6);
  });
});

describe('the schedule', () => {
  const plans: ShopPlan[] = Array.from({ length: 400 }, (_, i) => ({
    first: i * 10,
    count: 10,
    startAt: START + i * 1_000,
    spanMs: 1_000,
  }));
  const sentBetween = (schedule: ShopSchedule, from: number, to: number) => {
    const events: ShopEvent[] = [];
    for (let at = from; at <= to; at += TICK_MS) events.push(...schedule.due(at));
    return events.map((event) => event.render(event.at, false));
  };

  test('[SH2] a run that goes on from the plans sends exactly what the first one did not', () => {
    const end = START + 700_000;
    const whole = new ShopSchedule('a', START);
    for (const plan of plans) whole.add(plan);
    const all = sentBetween(whole, START, end);

    const cut = START + 250_050;
    const first = new ShopSchedule('a', START);
    for (const plan of plans.filter((p) => p.startAt < cut)) first.add(plan);
    const before = sentBetween(first, START, cut);
    expect(first.sentUntil).toBe(cut);
    const second = new ShopSchedule('a', cut);
    for (const plan of livePlans(plans, cut)) second.add(plan);
    const after = sentBetween(second, cut, end);

    expect([...before, ...after].sort()).toEqual(all.sort());
    expect(livePlans(plans, cut).length).toBeLessThan(plans.length);
  });
});
