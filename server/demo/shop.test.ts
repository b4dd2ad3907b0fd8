import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '#lib/errors/app-error.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';
import type { LogAppend, LogWriter } from '#server/ports/log-writer.ts';
import { Shop } from './shop.ts';
import { SHOP_TOPICS } from './shop-topics.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const partitions = new Map(SHOP_TOPICS.map(({ topic, partitions: count }) => [topic, count]));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'freshet-shop-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A log in memory that can be told to give up, before or after it has taken the records. */
class Log implements LogWriter {
  readonly appends: LogAppend[] = [];
  failing: 'no' | 'refuses' | 'loses-the-answer' = 'no';

  async append(appends: readonly LogAppend[]) {
    const refused = new AppError('kafka/unreachable', 'The cluster does not answer.');
    if (this.failing === 'refuses') throw refused;
    this.appends.push(...appends);
    if (this.failing === 'loses-the-answer') throw refused;
    const now = systemClock.monotonic();
    return { acks: [], sentAt: now, ackedAt: now };
  }

  async close() {}

  values(topic?: string): string[] {
    const chosen = this.appends.filter((a) => topic === undefined || a.topic === topic);
    return chosen.flatMap((a) => a.records.map((record) => record.value ?? ''));
  }

  ids(): string[] {
    const own = /"(?:view|payment|shipment)_id":"([^"]+)"|^\{"order_id":"([^"]+)"/;
    return this.values().flatMap((value) => own.exec(value)?.slice(1).filter(Boolean) ?? []);
  }
}

async function openShop(log: Log, stateFile = join(folder, 'shop.json'), rate = 4_000) {
  const shop = await Shop.open({
    writer: log,
    clock: systemClock,
    logger: quiet,
    stateFile,
    seed: 'test',
    rate,
    steady: true,
    partitions,
  });
  const stopper = new AbortController();
  const ended = shop.run(stopper.signal);
  return { shop, stop: () => (stopper.abort(), ended) };
}

const until = (condition: () => void) => vi.waitFor(condition, { timeout: 10_000, interval: 20 });

describe('the shop', () => {
  test('[SH2] goes on after a clean stop and after a crash without using an id twice', async () => {
    const state = join(folder, 'shop.json');
    const crashed = join(folder, 'crashed.json');
    const log = new Log();
    const first = await openShop(log, state);
    await until(() => expect(log.ids().length).toBeGreaterThan(500));
    copyFileSync(state, crashed); // what a SIGKILL at this moment would leave behind
    const beforeCrash = log.ids();
    await first.stop();

    const afterStop = new Log();
    const second = await openShop(afterStop, state);
    await until(() => expect(afterStop.ids().length).toBeGreaterThan(500));
    await second.stop();
    const together = [...log.ids(), ...afterStop.ids()];
    expect(new Set(together).size).toBe(together.length);

    const afterCrash = new Log();
    const third = await openShop(afterCrash, crashed);
    await until(() => expect(afterCrash.ids().length).toBeGreaterThan(500));
    await third.stop();
    const across = [...beforeCrash, ...afterCrash.ids()];
    expect(new Set(across).size).toBe(across.length);
  });

  test('[SH3] a cluster that takes nothing makes it wait, and nothing is sent twice', async () => {
    const log = new Log();
    const { shop, stop } = await openShop(log);
    await until(() => expect(log.ids().length).toBeGreaterThan(200));
    log.failing = 'loses-the-answer';
    await until(() =>
      expect(shop.command({ action: 'status', what: 'all' }).message).toContain('the shop waits'),
    );
    log.failing = 'refuses';
    const before = log.ids().length;
    log.failing = 'no';
    await until(() => expect(log.ids().length).toBeGreaterThan(before + 200));
    await stop();
    const ids = log.ids();
    expect(new Set(ids).size).toBe(ids.length);
    expect(existsSync(join(folder, 'shop.json'))).toBe(true);
  });

  test('[SH7] a stream goes quiet and recovers; the others go on', async () => {
    const log = new Log();
    const { shop, stop } = await openShop(log);
    const sent = (topic: string) => log.values(topic).length;
    await until(() => expect(sent('shop.page_views')).toBeGreaterThan(100));
    expect(shop.command({ action: 'quiet', what: 'shop.page_views' })).toEqual({
      ok: true,
      message: 'Nothing is sent to shop.page_views from now on.',
    });
    const orders = sent('shop.orders');
    const views = sent('shop.page_views');
    await until(() => expect(sent('shop.orders')).toBeGreaterThan(orders + 5));
    expect(sent('shop.page_views')).toBe(views);
    shop.command({ action: 'recover', what: 'all' });
    await until(() => expect(sent('shop.page_views')).toBeGreaterThan(views));
    await stop();
  });

  test('[SH7] a failing provider is named, an unknown one is refused with the known ones', async () => {
    const shop = await Shop.open({
      writer: new Log(),
      clock: systemClock,
      logger: quiet,
      stateFile: join(folder, 'shop.json'),
      seed: 'test',
      rate: 1,
      partitions,
    });
    expect(shop.command({ action: 'fail', what: 'stripe' }).ok).toBe(true);
    expect(shop.command({ action: 'quiet', what: 'page-views' }).ok).toBe(true);
    expect(shop.command({ action: 'status', what: 'all' }).message).toContain(
      'stripe fails, shop.page_views is quiet.',
    );
    expect(shop.command({ action: 'fail', what: 'visa' })).toEqual({
      ok: false,
      message: 'The shop has no provider "visa". It knows stripe, adyen, paypal, klarna.',
    });
    expect(shop.command({ action: 'recover', what: 'stripe' }).message).toBe(
      'stripe is well again.',
    );
    expect(shop.command({ action: 'recover', what: 'all' }).message).toBe(
      'Everything is well again.',
    );
  });
});
