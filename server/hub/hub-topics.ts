import { ownTopics, type TopicNames } from '#lib/contracts/topics.ts';
import { AppError } from '#lib/errors/app-error.ts';
import type { TopicCatalog, TopicDescription } from '#server/ports/topic-catalog.ts';

/** A topic of ours as it was found: where its partitions begin and end, and who it is. */
export interface FoundTopic {
  readonly topic: string;
  readonly id: string | null;
  readonly partitions: readonly {
    readonly partition: number;
    readonly start: number;
    readonly end: number;
  }[];
}

export interface FoundTopics {
  readonly values: FoundTopic;
  readonly progress: FoundTopic;
}

const idIn = (topics: readonly TopicDescription[], topic: string): string | null => {
  const found = topics.find((each) => each.topic === topic);
  return found?.kind === 'present' ? found.id : null;
};

/** Makes our topics where they are absent, and tells how they stand. Rejects with `kafka/unreachable` or `kafka/topic-missing`. */
export async function findTopics(catalog: TopicCatalog, names: TopicNames): Promise<FoundTopics> {
  await catalog.ensure(ownTopics(names));
  const { topics } = await catalog.describe([names.values, names.progress]);
  const [values, progress] = await Promise.all(
    [names.values, names.progress].map(async (topic) => ({
      topic,
      id: idIn(topics, topic),
      partitions: await catalog.ends(topic),
    })),
  );
  if (values === undefined || progress === undefined || values.partitions.length === 0)
    throw new AppError(
      'kafka/topic-missing',
      `The topic ${names.values} has no partitions yet; the hub asks again.`,
    );
  return { values, progress };
}

/** True when another topic stands under one of the names, or one is gone, or it has more partitions: read anew from the metadata. */
export async function isReplaced(catalog: TopicCatalog, found: FoundTopics): Promise<boolean> {
  const known = [found.values, found.progress];
  const { topics } = await catalog.describe(known.map(({ topic }) => topic));
  return known.some(({ topic, id, partitions }) => {
    const now = topics.find((each) => each.topic === topic);
    if (now?.kind !== 'present') return true;
    return (
      (id !== null && now.id !== null && now.id !== id) ||
      now.partitions.length !== partitions.length
    );
  });
}
