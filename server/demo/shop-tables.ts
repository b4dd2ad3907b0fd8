import type { LogAppend } from '#server/ports/log-writer.ts';
import { CUSTOMERS, customerOf, PRODUCTS, productOf } from './shop-catalog.ts';
import { CUSTOMERS_TOPIC, PRODUCTS_TOPIC } from './shop-topics.ts';

/** All rows of the shop's tables as of an instant of the wall clock, epoch ms. */
export function tableRows(seed: string, changedAt: number): readonly LogAppend[] {
  const changed_at = new Date(changedAt).toISOString();
  const customers = Array.from({ length: CUSTOMERS }, (_, n) => customerOf(seed, n));
  const products = Array.from({ length: PRODUCTS }, (_, n) => productOf(seed, n));
  return [
    {
      topic: CUSTOMERS_TOPIC,
      partition: 0,
      records: customers.map(({ customerId, ...row }) => ({
        key: customerId,
        value: JSON.stringify({ customer_id: customerId, ...row, changed_at }),
      })),
    },
    {
      topic: PRODUCTS_TOPIC,
      partition: 0,
      records: products.map(({ productId, priceCents, ...row }) => ({
        key: productId,
        value: JSON.stringify({
          product_id: productId,
          ...row,
          price: priceCents / 100,
          changed_at,
        }),
      })),
    },
  ];
}
