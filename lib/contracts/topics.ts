/** The product's own topics (SEMANTICS 3.5), all LogAppendTime so that produce answers tell the cluster's clock. */
export interface TopicNames {
  readonly definitions: string;
  readonly values: string;
  readonly progress: string;
  readonly invalid: string;
}

export const topicNames = (prefix: string): TopicNames => ({
  definitions: `${prefix}definitions`,
  values: `${prefix}values`,
  progress: `${prefix}progress`,
  invalid: `${prefix}invalid`,
});

/** How long the values topic keeps a record nobody rewrote; open windows are sent again every half of it. */
export const VALUES_RETENTION_MS = 7 * 86_400_000;

const day = 86_400_000;
const own = { 'message.timestamp.type': 'LogAppendTime' } as const;

/** What the product creates where it is absent. Replication is the cluster's default. */
export function ownTopics(names: TopicNames): readonly {
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}[] {
  return [
    {
      topic: names.definitions,
      partitions: 1,
      config: { ...own, 'cleanup.policy': 'compact' },
    },
    {
      topic: names.values,
      partitions: 4,
      config: {
        ...own,
        'cleanup.policy': 'compact,delete',
        'retention.ms': String(VALUES_RETENTION_MS),
        'segment.ms': String(day / 4),
      },
    },
    {
      topic: names.progress,
      partitions: 1,
      config: {
        ...own,
        'cleanup.policy': 'compact,delete',
        'retention.ms': String(day),
        'segment.ms': '600000',
      },
    },
    {
      topic: names.invalid,
      partitions: 1,
      config: { ...own, 'cleanup.policy': 'delete', 'retention.ms': String(7 * day) },
    },
  ];
}
