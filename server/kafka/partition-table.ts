import type { MonoMs } from '#lib/time/instant.ts';
import type { LogPosition } from '#server/ports/log-reader.ts';
import { KAFKA_ERROR } from './protocol/error-codes.ts';
import type { ClusterMetadata } from './protocol/metadata.ts';

/** A partition being read. Assigning anew makes a new one: an answer for the old one is recognised by that and dropped. */
export interface ReadPartition {
  readonly topic: string;
  readonly partition: number;
  next: number;
  /** Who leads it and under which epoch; -1 while that is to be found out. */
  leader: number;
  leaderEpoch: number;
  /** The topic's id at the first metadata after the assignment; another one later means: that partition is gone. */
  topicId: string | null;
  /** A problem was reported: not asked until it is assigned anew. */
  isStopped: boolean;
  /** Since when a request is out or failing; null when the last one was answered. */
  silentSince: MonoMs | null;
  /** Bytes to ask for when its first batch did not fit; 0 otherwise. */
  wantBytes: number;
  /** Failures in a row, and before when it is not asked again. */
  failures: number;
  notBefore: MonoMs;
  /** When metadata first said that it does not exist; null when it does. */
  missingSince: MonoMs | null;
}

/** Brokers learn of a new topic one after another; it is missing only when metadata still says so after this, ms. */
export const MISSING_CONFIRM_MS = 500;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** Back-off of something that failed `failures` times in a row: 50 ms, doubling up to 1 s. */
export const pauseAfter = (failures: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, failures - 1));

const keyOf = (topic: string, partition: number) => `${topic}:${partition}`;

/** The assigned partitions of one reader and what is known of each. */
export class PartitionTable {
  readonly #partitions = new Map<string, ReadPartition>();
  /** Partitions found missing that nobody has been told of yet. */
  readonly #missing: ReadPartition[] = [];
  #turn = 0;

  assign({ topic, partition, next }: LogPosition): void {
    const before = this.#partitions.get(keyOf(topic, partition));
    this.#partitions.set(keyOf(topic, partition), {
      topic,
      partition,
      next,
      leader: before?.leader ?? -1,
      leaderEpoch: -1, // the topic may be another one by now, whose epochs begin anew
      topicId: null,
      isStopped: false,
      silentSince: null,
      wantBytes: 0,
      failures: 0,
      notBefore: 0 as MonoMs, // the beginning of every monotonic clock
      missingSince: null,
    });
  }

  release(topic: string, partition: number): void {
    this.#partitions.delete(keyOf(topic, partition));
  }

  get(topic: string, partition: number): ReadPartition | undefined {
    return this.#partitions.get(keyOf(topic, partition));
  }

  /** False once it was released or assigned anew. */
  isCurrent(partition: ReadPartition): boolean {
    return this.get(partition.topic, partition.partition) === partition;
  }

  active(): readonly ReadPartition[] {
    return [...this.#partitions.values()].filter((p) => !p.isStopped);
  }

  topics(): readonly string[] {
    return [...new Set(this.active().map(({ topic }) => topic))];
  }

  /**
   * What a broker may be asked for now, in a new order each time: over the turns every topic and in it every partition comes first, because a broker
   * fills an answer from the front and one that is always behind a full one would starve (LR8).
   */
  turnOf(nodeId: number, now: MonoMs): readonly ReadPartition[] {
    const due = this.active().filter((p) => p.leader === nodeId && p.notBefore <= now);
    const topics = [...Map.groupBy(due, ({ topic }) => topic).values()];
    const turn = this.#turn++;
    if (topics.length === 0) return [];
    return rotated(topics, turn).flatMap((partitions) =>
      rotated(partitions, Math.floor(turn / topics.length)),
    );
  }

  /** When the next partition of this broker may be asked again; null when none waits. */
  nextDue(nodeId: number): MonoMs | null {
    const waiting = this.active().filter((p) => p.leader === nodeId);
    return waiting.length === 0
      ? null
      : waiting.reduce<MonoMs>(
          (least, p) => (p.notBefore < least ? p.notBefore : least),
          Infinity as MonoMs,
        );
  }

  answered(partition: ReadPartition): void {
    partition.silentSince = null;
    partition.failures = 0;
    partition.missingSince = null;
  }

  /** It was not answered: it waits, longer each time. @param isLeaderKnown false when somebody else may lead it now */
  failed(partition: ReadPartition, now: MonoMs, isLeaderKnown: boolean): void {
    partition.failures += 1;
    partition.notBefore = (now + pauseAfter(partition.failures)) as MonoMs;
    if (!isLeaderKnown) partition.leader = -1;
  }

  /** True while metadata has to be asked soon: somebody has no leader, or no id yet. */
  wantsMetadata(): boolean {
    return this.active().some((p) => p.leader < 0 || p.missingSince !== null);
  }

  /** Takes over what metadata says, and keeps those it proves missing for `takeMissing`. */
  learn(metadata: ClusterMetadata, now: MonoMs): void {
    const topics = new Map(metadata.topics.map((topic) => [topic.topic, topic]));
    for (const p of this.active()) {
      const topic = topics.get(p.topic);
      if (topic === undefined) continue; // assigned while the question was under way
      const found = topic.partitions.find(({ partition }) => partition === p.partition);
      const isTold =
        topic.error === KAFKA_ERROR.none || topic.error === KAFKA_ERROR.unknownTopicOrPartition;
      if (!isTold) continue;
      if (p.topicId !== null && topic.id !== null && topic.id !== p.topicId) this.#lose(p);
      else if (found === undefined) this.#doubt(p, now);
      else {
        p.missingSince = null;
        p.topicId ??= topic.id;
        if (found.leaderEpoch < p.leaderEpoch && found.leaderEpoch >= 0) continue; // a broker that is behind
        p.leader = found.leader;
        p.leaderEpoch = found.leaderEpoch;
      }
    }
  }

  takeMissing(): readonly ReadPartition[] {
    return this.#missing.splice(0).filter((p) => this.isCurrent(p));
  }

  #doubt(p: ReadPartition, now: MonoMs): void {
    p.leader = -1;
    p.missingSince ??= now;
    if (now - p.missingSince >= MISSING_CONFIRM_MS) this.#lose(p);
  }

  #lose(p: ReadPartition): void {
    p.isStopped = true;
    p.silentSince = null;
    this.#missing.push(p);
  }
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
