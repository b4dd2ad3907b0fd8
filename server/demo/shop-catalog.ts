import { ShopRandom } from './shop-random.ts';

export const CUSTOMERS = 500;
export const PRODUCTS = 60;

export type Region = 'north' | 'south' | 'east' | 'west';

export interface Customer {
  readonly customerId: string;
  readonly name: string;
  readonly email: string;
  readonly region: Region;
  readonly tier: 'basic' | 'plus';
}

export interface Product {
  readonly productId: string;
  readonly title: string;
  readonly category: string;
  readonly priceCents: number;
}

const FIRST = ['Ada', 'Ben', 'Clara', 'Deniz', 'Emil', 'Fatma', 'Greta', 'Hugo', 'Ida', 'Jonas'];
const LAST = ['Arndt', 'Bauer', 'Celik', 'Dorn', 'Ebert', 'Falk', 'Groß', 'Huber', 'Ilic', 'Jung'];
const GOODS = [
  ['coffee', ['Espresso beans', 'Filter coffee', 'Decaf beans', 'Cold brew'], 600, 2_400],
  ['kitchen', ['Kettle', 'Hand grinder', 'Scale', 'Dripper', 'Moka pot'], 1_900, 12_900],
  ['tableware', ['Cup', 'Saucer', 'Glass', 'Carafe'], 700, 4_500],
  ['machines', ['Espresso machine', 'Grinder', 'Milk frother'], 8_900, 89_900],
] as const;

/** Customer `n` of the shop with this seed, 0 ≤ n < CUSTOMERS. */
export function customerOf(seed: string, n: number): Customer {
  const random = new ShopRandom(`${seed}/customer/${n}`);
  const first = FIRST[random.whole(0, FIRST.length - 1)] ?? '';
  const last = LAST[random.whole(0, LAST.length - 1)] ?? '';
  return {
    customerId: `c-${n}`,
    name: `${first} ${last}`,
    email: `customer${n}@example.org`,
    region: random.pick<Region>([
      ['north', 35],
      ['south', 30],
      ['west', 20],
      ['east', 15],
    ]),
    tier: random.pick<Customer['tier']>([
      ['basic', 4],
      ['plus', 1],
    ]),
  };
}

/** Product `n` of the shop with this seed, 0 ≤ n < PRODUCTS. */
export function productOf(seed: string, n: number): Product {
  const random = new ShopRandom(`${seed}/product/${n}`);
  const [category, titles, from, to] = random.pick(
    GOODS.map((goods, i) => [goods, GOODS.length - i] as const),
  );
  return {
    productId: `p-${n}`,
    title: `${titles[random.whole(0, titles.length - 1)] ?? category} No. ${n + 1}`,
    category,
    priceCents: random.whole(from / 10, to / 10) * 10 - 1,
  };
}
