import { z } from 'zod';
import { shopCommandSchema, shopReplySchema } from '#lib/contracts/rest.ts';

/** Parent to shop, one JSON line each on the shop's standard input. */
export const shopOrderSchema = z.object({ id: z.number().int(), command: shopCommandSchema });

/** Shop to parent, one JSON line each on the shop's standard output. */
export const shopLineSchema = z.union([
  z.object({ ready: z.literal(true), seed: z.string() }),
  z.object({ id: z.number().int(), reply: shopReplySchema }),
  z.object({ failed: z.string() }),
]);
