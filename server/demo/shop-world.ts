import { CUSTOMERS, customerOf, PRODUCTS, productOf } from './shop-catalog.ts';
import { ShopRandom } from './shop-random.ts';

export const SHOP_STREAMS = ['orders', 'payments', 'shipments', 'page_views'] as const;
export type ShopStream = (typeof SHOP_STREAMS)[number];
export const PROVIDERS = ['stripe', 'adyen', 'paypal', 'klarna'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** How often the shop's payments fail by themselves, and while a provider is made to fail. */
export const FAILURE_RATIO = 0.03;
export const OUTAGE_RATIO = 0.8;

/** Mean of events in a journey, from the chances below; a test compares it with what journeys really bring. */
export const EVENTS_PER_JOURNEY = 4.5;
/** No event of a journey leaves later than this after its start: the views, the order, its shipment, and the longest delay. */
export const JOURNEY_MS = 200_000;

const BUYS = 0.5;
const CANCELLED = 0.04;
const PENDING_FIRST = 0.12;
const OUT_OF_ORDER = 0.05;
const DELAYED = 0.0005;
const GARBAGE = 0.0002;

/** One record to be. Times are shop time: it stands still while the shop is closed. */
export interface ShopEvent {
  readonly stream: ShopStream;
  readonly key: string;
  /** When it happens. */
  readonly at: number;
  /** When it is sent; later than `at` for out-of-order and delayed events. */
  readonly sendAt: number;
  /** Payments and what depends on them; else null. */
  readonly provider: Provider | null;
  /** The payment fails when this is below the provider's failure ratio at the time of sending. */
  readonly luck: number;
  /** Bytes of the record for an event time of the wall clock, epoch ms; null when nothing is sent. */
  readonly render: (eventAt: number, failed: boolean) => string | null;
}

const iso = (at: number): string => JSON.stringify(new Date(at).toISOString());
/** Cents as a JSON number with two places. */
const money = (cents: number): string =>
  `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

type Fields = Readonly<Record<string, string | number>>;
/** A JSON object whose last field is already JSON text; an empty `tail` leaves it out. */
const json = (fields: Fields, tail: string): string => {
  const head = JSON.stringify(fields).slice(1, -1);
  return tail === '' ? `{${head}}` : `{${head},${tail}}`;
};

type Draft = Omit<ShopEvent, 'sendAt' | 'render'> & {
  /** The record without its event time, and the event time's JSON. */
  readonly body: (failed: boolean) => string | null;
  readonly time: ((eventAt: number) => string) | null;
};

/** Adds disorder, delay and garbage to an event: three draws whatever comes of them, so that later events stay the same. */
function sent(draft: Draft, random: ShopRandom): ShopEvent {
  const [order, size, fault] = [random.next(), random.next(), random.next()];
  const delayMs =
    order < DELAYED ? 5_000 + size * 35_000 : order < DELAYED + OUT_OF_ORDER ? size * 5_000 : 0;
  const { body, time, ...event } = draft;
  const whole = (eventAt: number, failed: boolean): string | null => {
    const text = body(failed);
    if (text === null || time === null) return text;
    return `${text.slice(0, -1)},${time(eventAt)}}`;
  };
  const render =
    fault >= GARBAGE
      ? whole
      : fault < GARBAGE / 2 || time === null
        ? (eventAt: number, failed: boolean) => whole(eventAt, failed)?.slice(0, -9) ?? null // cut off: not JSON
        : (_: number, failed: boolean) => body(failed); // no event time
  return { ...event, sendAt: event.at + Math.floor(delayMs), render };
}

/**
 * Everything that journey `n` of the shop brings: page views, and for half of the journeys an order, a payment 1–20 s later (sometimes pending
 * first) and a shipment 20–90 s after the order. The same seed, number and start give the same events, and no two journeys share an id (SH1).
 */
export function journeyOf(seed: string, n: number, startAt: number): readonly ShopEvent[] {
  const random = new ShopRandom(`${seed}/journey/${n}`);
  const id = `${seed}-${n.toString(36)}`;
  const channel = random.pick([
    ['web', 50],
    ['app', 35],
    ['partner', 10],
    ['store', 5],
  ]);
  const events: ShopEvent[] = [];
  const views = random.whole(1, 5);
  const buys = random.next() < BUYS;
  let at = startAt;
  for (let v = 0; v < views; v += 1) {
    const page = pageOf(v, views, buys, random);
    const view = { view_id: `v-${id}-${v}`, session_id: `s-${id}`, page, channel };
    const stay = random.whole(400, 8_000);
    const body = json({ ...view, duration_ms: stay }, '');
    const draft = { stream: 'page_views', key: `s-${id}`, at, provider: null, luck: 1 } as const;
    events.push(sent({ ...draft, body: () => body, time: null }, random));
    at += stay;
  }
  if (!buys) return events;
  return [...events, ...purchase(seed, id, channel, at, random)];
}

const pageOf = (v: number, views: number, buys: boolean, random: ShopRandom): string => {
  if (buys && v === views - 1) return 'checkout';
  if (buys && v === views - 2) return 'cart';
  if (v === 0) return 'home';
  return random.pick([
    ['product', 3],
    ['search', 1],
  ]);
};

const METHODS: Readonly<Record<Provider, string>> = {
  stripe: 'card',
  adyen: 'card',
  paypal: 'wallet',
  klarna: 'invoice',
};

function purchase(
  seed: string,
  id: string,
  channel: string,
  orderedAt: number,
  random: ShopRandom,
): ShopEvent[] {
  const customer = customerOf(seed, random.whole(0, CUSTOMERS - 1));
  const product = productOf(seed, random.whole(0, PRODUCTS - 1));
  const quantity = random.pick([
    [1, 70],
    [2, 20],
    [3, 10],
  ]);
  const cents = product.priceCents * quantity;
  const status = random.next() < CANCELLED ? 'cancelled' : 'placed';
  const key = `o-${id}`;
  const order = json(
    {
      order_id: key,
      customer_id: customer.customerId,
      product_id: product.productId,
      channel,
      region: customer.region,
      quantity,
    },
    `"amount":${money(cents)},"currency":"EUR","status":"${status}"`,
  );
  const events = [
    sent(
      {
        stream: 'orders',
        key,
        at: orderedAt,
        provider: null,
        luck: 1,
        body: () => order,
        time: (eventAt) => `"ordered_at":${iso(eventAt)}`,
      },
      random,
    ),
  ];
  if (status === 'cancelled') return events;

  const provider = random.pick<Provider>([
    ['stripe', 40],
    ['adyen', 30],
    ['paypal', 20],
    ['klarna', 10],
  ]);
  const luck = random.next();
  const card = String(random.whole(0, 9_999)).padStart(4, '0');
  let paidAt = orderedAt + random.whole(1_000, 20_000);
  const payment = (number: number, at: number, statusOf: (failed: boolean) => string) =>
    sent(
      {
        stream: 'payments',
        key,
        at,
        provider,
        luck,
        body: (failed) =>
          json(
            { payment_id: `y-${id}-${number}`, order_id: key, provider, method: METHODS[provider] },
            `"status":"${statusOf(failed)}","amount":${money(cents)},"card_last4":"${card}"`,
          ),
        time: (eventAt) => `"paid_at":${iso(eventAt)}`,
      },
      random,
    );
  if (random.next() < PENDING_FIRST) {
    events.push(payment(0, paidAt, () => 'pending'));
    paidAt += random.whole(2_000, 15_000);
  }
  events.push(payment(1, paidAt, (failed) => (failed ? 'failed' : 'succeeded')));

  const shippedAt = Math.max(paidAt + 1_000, orderedAt + random.whole(20_000, 90_000));
  const carrier = random.pick([
    ['dhl', 60],
    ['ups', 25],
    ['dpd', 15],
  ]);
  const shipment = json(
    { shipment_id: `h-${id}`, order_id: key, carrier, warehouse: `${customer.region}-1` },
    `"cost":${money(random.whole(290, 990))},"weight_grams":${quantity * random.whole(120, 4_000)}`,
  );
  events.push(
    sent(
      {
        stream: 'shipments',
        key,
        at: shippedAt,
        provider,
        luck,
        body: (failed) => (failed ? null : shipment), // what is not paid for is not shipped
        time: (eventAt) => `"shipped_at":${eventAt}`,
      },
      random,
    ),
  );
  return events;
}

const DAY_MS = 86_400_000;
/** Of the mean rate: 60 % at four in the morning, 140 % at four in the afternoon, UTC; its mean over a day is 1. */
export const dayNight = (wallAt: number): number =>
  1 - 0.4 * Math.cos((2 * Math.PI * (wallAt - 4 * 3_600_000)) / DAY_MS);
