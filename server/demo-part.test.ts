import { expect, test } from 'vitest';
import { AppError } from '#lib/errors/app-error.ts';
import { ownTopics, topicNames } from '#lib/contracts/topics.ts';
import { loadConfig } from '#server/config/load-config.ts';
import { SHOP_TOPICS } from '#server/demo/shop-topics.ts';
import { refuseExternal } from '#server/demo-part.ts';

const config = (env: Record<string, string>) => loadConfig(env, '/nowhere');

function refusal(env: Record<string, string>): AppError {
  try {
    refuseExternal(config(env), false);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('it was not refused');
}

test('[DM2] a cluster of somebody else is refused with every topic the demo would create and both ways out', () => {
  const error = refusal({ KAFKA_BROKERS: 'kafka.example:9092', FRESHET_PREFIX: 'mine.' });
  expect(error.code).toBe('kafka/external-refused');
  const named = error.message.split(' would create ')[1]?.split(' in the cluster ')[0]?.split(', ');
  const created = [...ownTopics(topicNames('mine.')), ...SHOP_TOPICS].map(({ topic }) => topic);
  expect(named).toEqual(created);
  expect(named).toEqual(expect.arrayContaining(['mine.values', 'shop.orders', 'shop.products']));
  expect(error.message).toContain('Add --allow-external');
  expect(error.message).toContain('unset KAFKA_BROKERS');
});

test('[DM2] it is used when that was asked for, and the embedded Kafka needs no leave', () => {
  const external = config({ KAFKA_BROKERS: 'kafka.example:9092' });
  expect(() => refuseExternal(external, true)).not.toThrow();
  expect(() => refuseExternal(config({}), false)).not.toThrow();
});
