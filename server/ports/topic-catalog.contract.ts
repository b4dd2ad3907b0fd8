import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogWorld } from '#server/ports/log-reader.contract.ts';
import type { TopicCatalog } from '#server/ports/topic-catalog.ts';

/** The promises of TopicCatalog (SPEC, TC rules), run against every implementation. */
export function topicCatalogContract(open: () => Promise<LogWorld>): void {
  describe('as a TopicCatalog', () => {
    let world: LogWorld;
    let catalog: TopicCatalog;
    beforeEach(async () => {
      world = await open();
      catalog = await world.cluster.openCatalog();
    });
    afterEach(async () => {
      await catalog.close();
      await world.close();
    });

    test('[TC1] describes topics with id, partitions and leaders, and says which are missing', async () => {
      const topic = await world.createTopic(3);
      const before = world.monotonic();
      const { sentAt, topics } = await catalog.describe([topic, `${topic}-missing`]);
      expect(sentAt).toBeGreaterThanOrEqual(before);
      expect(topics).toHaveLength(2);
      expect(topics.find((t) => t.topic === `${topic}-missing`)?.kind).toBe('missing');
      const found = topics.find((t) => t.topic === topic);
      if (found?.kind !== 'present') throw new Error('the topic was created');
      expect(found.id).toMatch(/^[0-9a-f]{32}$/);
      expect(found.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2]);
      for (const { leader, leaderEpoch } of found.partitions) {
        expect(leader).toBeGreaterThanOrEqual(0);
        expect(leaderEpoch).toBeGreaterThanOrEqual(0);
      }
    });

    test('[TC1] a topic deleted and made again has another id', async () => {
      const topic = await world.createTopic(1);
      const idNow = async () => {
        const [found] = (await catalog.describe([topic])).topics;
        return found?.kind === 'present' ? found.id : null;
      };
      const before = await idNow();
      await world.recreateTopic(topic);
      expect(await idNow()).not.toBe(before);
    });

    test('[TC1] no names ask for nothing, and prove that the cluster answers', async () => {
      const { topics } = await catalog.describe([]);
      expect(topics).toEqual([]);
    });

    test('[TC2] creates what is absent, leaves what is there, and names what it made', async () => {
      const there = await world.createTopic(1);
      const absent = `${there}-made`;
      const config = { 'message.timestamp.type': 'LogAppendTime', 'cleanup.policy': 'compact' };
      const specs = [
        { topic: there, partitions: 5, config: {} },
        { topic: absent, partitions: 2, config },
      ];
      expect(await catalog.ensure(specs)).toEqual([absent]);
      const { topics } = await catalog.describe([there, absent]);
      const counts = topics.map((t) => (t.kind === 'present' ? t.partitions.length : 0));
      expect(counts).toEqual([1, 2]);
      expect(await catalog.ensure(specs)).toEqual([]);
      await world.deleteTopic(absent);
    });

    test('[TC2] what was just created can be written and read at once', async () => {
      const topic = `${await world.createTopic(1)}-made`;
      await catalog.ensure([{ topic, partitions: 1, config: {} }]);
      await world.append(topic, 0, ['x']);
      expect(await catalog.ends(topic)).toEqual([{ partition: 0, start: 0, end: 1 }]);
      await world.deleteTopic(topic);
    });

    test('[TC3] ends are the log start and the high watermark, also behind an open transaction', async () => {
      const topic = await world.createTopic(2);
      await world.append(topic, 0, ['0', '1', '2']);
      await world.deleteBefore(topic, 0, 2);
      const transaction = await world.begin();
      await transaction.append(topic, 1, ['hidden']);
      expect(await catalog.ends(topic)).toEqual([
        { partition: 0, start: 2, end: 3 },
        { partition: 1, start: 0, end: 1 },
      ]);
      await transaction.abort();
    });

    test('[TC3] the ends of a missing topic reject with kafka/topic-missing', async () => {
      const topic = `${await world.createTopic(1)}-missing`;
      await expect(catalog.ends(topic)).rejects.toMatchObject({ code: 'kafka/topic-missing' });
    });
  });
}
