import type { HubPosition, HubStore } from '#server/ports/hub-store.ts';
import { HELD_SPAN_MS } from './latest-values.ts';
import type { ValuesFold } from './values-fold.ts';

/** Windows of one metric version loaded at most; more than fit three hours of minutes times a full set of groups. */
const LOAD_ROWS = 200_000;

/**
 * Fills memory from the store and answers the positions that go with it (HB7). Without positions of this topic what the store holds is
 * another topic's, and is forgotten.
 */
export async function loadHub(parts: {
  readonly store: HubStore;
  readonly topic: string;
  readonly values: ValuesFold;
  /** Cluster clock, roughly. */
  readonly now: number;
  readonly isInForce: (metric: string, version: string) => boolean;
}): Promise<readonly HubPosition[]> {
  const { store, topic, values, now, isInForce } = parts;
  const positions = await store.positions();
  if (positions.some((each) => each.topic !== topic)) {
    for (const each of new Set([...positions.map((position) => position.topic), topic]))
      await store.forgetValues(each);
    return [];
  }
  const since = now - HELD_SPAN_MS;
  for (const row of await store.latest(since)) values.restore(row, now);
  // A metric whose data is old keeps its own last hours, as it does in a hub that read them from the topic.
  for (const { metric, version, start } of await store.newestStarts()) {
    if (start - HELD_SPAN_MS >= since || !isInForce(metric, version)) continue;
    const from = Math.max(0, start - HELD_SPAN_MS);
    const older = await store.values({ metric, version, from, to: since, limit: LOAD_ROWS });
    for (const row of older) values.restore(row, now);
  }
  return positions;
}
