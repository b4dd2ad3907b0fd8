import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { ShopPlan } from './shop-schedule.ts';

const stateSchema = z.object({
  v: z.literal(1),
  seed: z.string().min(1),
  /** First journey number never planned. */
  next: z.number().int().nonnegative(),
  /** Shop time before which events may have been sent: the next run goes on from there, so no id is used twice (SH2). */
  until: z.number().int().nonnegative(),
  /** [first, count, startAt, spanMs] */
  plans: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
});

export interface ShopState {
  readonly seed: string;
  readonly next: number;
  readonly until: number;
  readonly plans: readonly ShopPlan[];
}

/** Null when there is none, or none that can be read. */
export async function readShopState(file: string): Promise<ShopState | null> {
  try {
    const { plans, ...state } = stateSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return {
      ...state,
      plans: plans.map(([first, count, startAt, spanMs]) => ({ first, count, startAt, spanMs })),
    };
  } catch {
    return null;
  }
}

/** Replaces the state file as a whole: a crash leaves the old one or the new one. */
export async function writeShopState(file: string, state: ShopState): Promise<void> {
  const plans = state.plans.map((p) => [p.first, p.count, p.startAt, p.spanMs]);
  const { seed, next, until } = state;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify({ v: 1, seed, next, until, plans })}\n`);
  await rename(`${file}.new`, file);
}
