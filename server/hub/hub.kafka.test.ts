import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test, vi } from 'vitest';
import { valuesPartition } from '#lib/contracts/metric-record.ts';
import { topicNames } from '#lib/contracts/topics.ts';
import { KafkaCluster } from '#server/kafka/kafka-cluster.ts';
import { systemClock } from '#server/lifecycle/system-clock.ts';
import { ScriptedDefinitions } from '#server/memory/scripted-definitions.ts';
import { SilentLogger } from '#server/memory/silent-logger.ts';
import { openHubStore } from '#server/store/hub-store.ts';
import { claimRecord, first, progressRecord, valueRecord } from './fixtures/hub-records.ts';
import { openHub } from './hub.ts';

/** The values of metrics without a plan: what an external writer gives. */
const VERSION = '';

test('[HB1] [HB10] [HB23] on a real broker: topics made, values and progress followed, the clock measured, restarted without a step back', async () => {
  const prefix = `hub-${randomUUID()}.`;
  const names = topicNames(prefix);
  const folder = await mkdtemp(join(tmpdir(), 'freshet-hub-'));
  const logger = new SilentLogger();
  const settings = { brokers: inject('brokers'), clientId: 'hub-test' };
  const cluster = new KafkaCluster({ name: 'main', settings, clock: systemClock, logger });
  const definitions = new ScriptedDefinitions();
  definitions.put('Metric', 'orders', {
    from: 'orders',
    window: { kind: 'tumbling', size: '1m' },
    measure: 'count()',
  });
  const start = async () => {
    const store = await openHubStore({ file: join(folder, 'hub.db') });
    const lease = { hold: async (_: string, signal: AbortSignal) => signal };
    const hub = openHub({
      cluster,
      store,
      definitions,
      clock: systemClock,
      logger,
      prefix,
      instance: 'hub-1',
      lease,
    });
    const stopper = new AbortController();
    const running = hub.run(stopper.signal);
    const stop = async (): Promise<void> => {
      stopper.abort();
      await running;
      await store.close();
    };
    return { hub, stop };
  };

  const one = await start();
  await vi.waitFor(() => expect(one.hub.ready()).toBe(true), { timeout: 20_000 });
  await vi.waitFor(() => expect(one.hub.clusterNow()).not.toBeNull(), { timeout: 10_000 });
  expect(Math.abs((one.hub.clusterNow()?.at ?? 0) - systemClock.now())).toBeLessThan(1_000);
  expect(one.hub.clusterNow()?.errorMs).toBeLessThan(500);

  const writer = await cluster.openWriter();
  const partition = valuesPartition('orders', VERSION, 4);
  const byKey = { metric: 'orders', version: VERSION };
  const { acks } = await writer.append([
    {
      topic: names.values,
      partition,
      records: [valueRecord({ ...byKey, value: 7, by: null })],
    },
  ]);
  await vi.waitFor(() => expect(one.hub.points('orders', 0)).toMatchObject([{ value: 7 }]));
  expect(acks).toHaveLength(1);

  // Progress of a planned version is followed on the same topics; without its claim it does not count.
  await writer.append([
    { topic: names.progress, partition: 0, records: [progressRecord({ ...byKey })] },
  ]);
  await vi.waitFor(() => expect(one.hub.facts('orders')?.heardAt).not.toBeNull());
  expect(one.hub.facts('orders')?.frontier).toBeNull();
  await one.stop();

  await writer.append([
    { topic: names.values, partition, records: [claimRecord(first, 'sales', '1-a')] },
    {
      topic: names.values,
      partition,
      records: [valueRecord({ ...byKey, value: 8, by: null })],
    },
  ]);
  await writer.close();
  const two = await start();
  const seen: unknown[] = [];
  two.hub.subscribe(() => void seen.push(...two.hub.points('orders', 0).map(({ value }) => value)));
  await vi.waitFor(() => expect(two.hub.points('orders', 0)).toMatchObject([{ value: 8 }]), {
    timeout: 20_000,
  });
  expect(two.hub.status().counts.values).toBe(1);
  expect(new Set(seen)).toEqual(new Set([8]));
  await two.stop();
  await rm(folder, { recursive: true });
});
