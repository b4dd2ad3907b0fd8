import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { RecordCursor } from '#lib/log/record-cursor.ts';
import { KafkaCluster } from '#server/kafka/kafka-cluster.ts';
import { systemClock as clock } from '#server/lifecycle/system-clock.ts';
import { ShopProcess } from './shop-process.ts';
import { CUSTOMERS_TOPIC, topicOf } from './shop-topics.ts';

const logger = { debug() {}, info() {}, warn() {}, error() {} };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'freshet-shop-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const cluster = () =>
  new KafkaCluster({
    name: 'main',
    settings: { brokers: inject('brokers'), clientId: 'shop-test' },
    clock,
    logger,
  });

async function runShop() {
  const shop = new ShopProcess({
    brokers: inject('brokers'),
    stateFile: join(folder, 'shop.json'),
    rate: 2_000,
    logFile: join(folder, 'shop.log'),
  });
  const stopper = new AbortController();
  const ended = shop.run(stopper.signal);
  await Promise.race([shop.ready, ended]);
  return { shop, stop: () => (stopper.abort(), ended) };
}

/** Every view id in the log of page views, once each record was read to the ends of now. */
async function viewIds(): Promise<string[]> {
  const topic = topicOf('page_views');
  const catalog = await cluster().openCatalog();
  const ends = await catalog.ends(topic);
  await catalog.close();
  const reader = cluster().openReader();
  const stopper = new AbortController();
  const left = new Map(ends.map(({ partition, end }) => [partition, end]));
  reader.assign(ends.map(({ partition, start }) => ({ topic, partition, next: start })));
  const ids: string[] = [];
  for await (const answer of reader.read(stopper.signal)) {
    for (const { partition, batches, next, asked } of answer.partitions) {
      for (const batch of batches) {
        const cursor = new RecordCursor(batch, asked);
        while (cursor.next()) {
          const text = Buffer.from(
            cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd),
          ).toString('utf8');
          const id = /"view_id":"([^"]+)"/.exec(text)?.[1];
          if (id !== undefined) ids.push(id);
        }
      }
      if (next >= (left.get(partition) ?? 0)) left.delete(partition);
    }
    if (left.size === 0) stopper.abort();
  }
  return ids;
}

describe('the shop as a process', () => {
  test('[SH2] fills its topics, answers commands, and goes on after a stop with no id twice', async () => {
    const first = await runShop();
    expect(await first.shop.command({ action: 'fail', what: 'visa' })).toMatchObject({ ok: false });
    expect(await first.shop.command({ action: 'fail', what: 'paypal' })).toMatchObject({
      ok: true,
    });
    expect((await first.shop.command({ action: 'status', what: 'all' })).message).toContain(
      'paypal fails',
    );
    await expect
      .poll(async () => (await viewIds()).length, { timeout: 20_000 })
      .toBeGreaterThan(300);
    await first.stop();
    expect(await first.shop.command({ action: 'status', what: 'all' })).toEqual({
      ok: false,
      message: 'The shop is not running right now.',
    });
    const before = (await viewIds()).length;

    const second = await runShop();
    await expect
      .poll(async () => (await viewIds()).length, { timeout: 20_000 })
      .toBeGreaterThan(before + 300);
    await second.stop();
    const ids = await viewIds();
    expect(new Set(ids).size).toBe(ids.length);

    const catalog = await cluster().openCatalog();
    expect((await catalog.ends(CUSTOMERS_TOPIC))[0]).toMatchObject({ end: 500 });
    await catalog.close();
  });
});
