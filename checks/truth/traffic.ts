import type { LogRecord } from '#server/ports/log-writer.ts';

/** Mulberry32: small, seeded, the same everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const PARTITIONS = 5;
/** Uneven on purpose; the last one sleeps but for a few records at the very beginning and the very end. */
const SHARE = [0.55, 0.25, 0.15, 0.05] as const;
export const SLEEPING = 4;

const PROVIDERS = ['stripe', 'adyen', 'paypal', 'klarna'] as const;

/**
 * Payments in disorder: some far late, some from the future, some rubbish, from a seed alone. Times are simulated: each record moves the
 * clock by `stepMs`, and carries that clock as its Kafka timestamp.
 */
export function* payments(
  seed: number,
  startAt: number,
  stepMs: number,
  total: number,
): Generator<{ partition: number; record: LogRecord }> {
  const random = randomFrom(seed);
  for (let i = 0; i < total; i += 1) {
    const now = startAt + i * stepMs;
    const dice = random();
    const sleeping = (i > 50 && i < 60) || i > total - 10;
    let pick = random();
    let partition = SHARE.findIndex((share) => (pick -= share) < 0);
    if (partition < 0) partition = 0;
    if (sleeping) partition = SLEEPING;
    const back = dice < 0.03 ? random() * 40_000 : dice < 0.3 ? random() * 4_000 : random() * 200;
    const ahead = dice > 0.995 ? random() * 200_000 : 0;
    const good = {
      paid_at: Math.floor(now - back + ahead),
      status: random() < 0.07 ? 'failed' : random() < 0.1 ? 'pending' : 'succeeded',
      provider: random() < 0.01 ? null : PROVIDERS[Math.floor(random() * PROVIDERS.length)],
      amount: random() < 0.01 ? 'rubbish' : Math.floor(random() * 20_000) / 100,
      n: i,
    };
    const value = dice > 0.98 && dice < 0.985 ? 'not json' : JSON.stringify(good);
    yield { partition, record: { key: String(i), value, timestamp: now } };
  }
}
