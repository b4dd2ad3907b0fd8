import {
  claimKey,
  claimSchema,
  metricValueSchema,
  valuesPartition,
  VALUE_CONTRACT,
  type MetricValue,
} from '#lib/contracts/metric-record.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { RecordCursor } from '#lib/log/record-cursor.ts';
import { parseJson, textOf } from '#server/records/record-text.ts';
import type { Cluster } from '#server/ports/cluster.ts';
import type { PartitionAnswer } from '#server/ports/log-reader.ts';
import type { LogAcks, LogWriter } from '#server/ports/log-writer.ts';
import type { TopicCatalog } from '#server/ports/topic-catalog.ts';

/** Who computes a metric version in this process, as the value log sees it. */
export interface Owner {
  /** A record of ours found in the topic that the checkpoint does not know, or one of another writer: send this key again (SEMANTICS 3.1, 3.2). */
  found(key: string, value: MetricValue | null): void;
}

interface Held {
  readonly metric: string;
  readonly version: string;
  readonly owner: Owner;
  /** 0 until the claim is ours. */
  generation: number;
}

interface Position {
  next: number;
  readonly id: string | null;
}

/**
 * Our own metric topic, followed (SEMANTICS 3.1, 3.2): it finds what was published and not checkpointed, claims metric versions, and
 * notices a newer claim (we stop) or a fenced record (we send that key again).
 */
export class ValueLog {
  readonly #parts: {
    readonly cluster: Cluster;
    readonly topic: string;
    readonly writer: LogWriter;
    readonly instance: string;
    readonly onAcks: (acks: LogAcks) => void;
  };
  readonly #held = new Map<string, Held>();
  /** Last claim seen per metric version. */
  readonly #claims = new Map<string, { generation: number; instance: string }>();
  /** Offsets of ours that are acknowledged, per partition, ascending and not yet passed by the follower. */
  readonly #acked = new Map<number, { base: number; end: number }[]>();
  readonly #positions = new Map<number, Position>();
  readonly #waiters = new Set<() => void>();

  constructor(parts: {
    cluster: Cluster;
    topic: string;
    writer: LogWriter;
    instance: string;
    onAcks: (acks: LogAcks) => void;
  }) {
    this.#parts = parts;
  }

  get partitions(): number {
    return this.#positions.size;
  }

  /** Offset per partition before which everything was judged; the checkpoint's "metric topic's end". */
  positions(): readonly { partition: number; next: number; id: string | null }[] {
    return [...this.#positions].map(([partition, { next, id }]) => ({ partition, next, id }));
  }

  partitionOf(metric: string, version: string): number {
    return valuesPartition(metric, version, this.partitions);
  }

  /** Begins anew: where to follow from (the checkpoint's position, or the log's start), and nothing held. */
  start(positions: readonly { partition: number; next: number; id: string | null }[]): void {
    this.#held.clear();
    this.#acked.clear();
    for (const { partition, next, id } of positions) this.#positions.set(partition, { next, id });
  }

  register(metric: string, version: string, owner: Owner): void {
    this.#held.set(`${metric}|${version}`, { metric, version, owner, generation: 0 });
  }

  release(metric: string, version: string): void {
    this.#held.delete(`${metric}|${version}`);
  }

  /**
   * Claims registered metric versions: appends claims of highest seen generation + 1 and reads its own topic up to them; a claim of
   * somebody else in between makes it try again above. Resolves with the generation of each, or with fewer when `signal` aborts.
   */
  async claim(
    wanted: readonly { metric: string; version: string; above: number }[],
    catalog: TopicCatalog,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, number>> {
    const { topic, writer, instance, onAcks } = this.#parts;
    for (const { partition, end } of await catalog.ends(topic)) {
      await this.#reach(partition, end, signal);
    }
    const won = new Map<string, number>();
    let open = [...wanted];
    while (open.length > 0 && !signal.aborted) {
      const claims = open.map(({ metric, version, above }) => {
        const id = `${metric}|${version}`;
        const generation = Math.max(above, this.#claims.get(id)?.generation ?? 0) + 1;
        return { id, metric, version, generation, partition: this.partitionOf(metric, version) };
      });
      const byPartition = Map.groupBy(claims, (claim) => claim.partition);
      const acks = await writer.append(
        [...byPartition].map(([partition, list]) => ({
          topic,
          partition,
          records: list.map(({ metric, version, generation }) => ({
            key: claimKey(metric, version),
            value: JSON.stringify({
              v: VALUE_CONTRACT,
              claim: true,
              metric,
              version,
              generation,
              instance,
            }),
          })),
        })),
      );
      onAcks(acks);
      for (const { partition, baseOffset } of acks.acks) {
        const count = byPartition.get(partition)?.length ?? 0;
        await this.#reach(partition, baseOffset + count, signal);
      }
      for (const { id, generation } of claims) {
        const last = this.#claims.get(id);
        if (last?.instance !== instance || last.generation !== generation) continue;
        won.set(id, generation);
        const held = this.#held.get(id);
        if (held) held.generation = generation;
      }
      open = open.filter(({ metric, version }) => !won.has(`${metric}|${version}`));
    }
    return won;
  }

  /** Values of ours that Kafka acknowledged: the follower need not look at them again. */
  acknowledged(partition: number, base: number, count: number): void {
    const ranges = this.#acked.get(partition) ?? [];
    ranges.push({ base, end: base + count });
    this.#acked.set(partition, ranges);
  }

  /** Follows until `signal` aborts; rejects with `compute/fenced` when somebody else claims what is ours. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster, topic } = this.#parts;
    const reader = cluster.openReader();
    reader.assign(
      [...this.#positions].map(([partition, { next }]) => ({ topic, partition, next })),
    );
    for await (const answer of reader.read(signal)) {
      for (const part of answer.partitions) {
        const position = this.#positions.get(part.partition);
        if (!position || part.asked !== position.next) continue;
        if (part.problem?.kind === 'out-of-range') {
          position.next = part.problem.start;
          reader.assign([{ topic, partition: part.partition, next: position.next }]);
        } else {
          this.#follow(part);
          position.next = part.next;
        }
      }
      for (const wake of this.#waiters) wake();
    }
  }

  #follow(part: PartitionAnswer): void {
    const ranges = this.#acked.get(part.partition) ?? [];
    for (const batch of part.batches) {
      const mine = ranges.some(
        ({ base, end }) => batch.baseOffset >= base && batch.lastOffset < end,
      );
      if (mine && batch.baseOffset >= part.asked) continue;
      const cursor = new RecordCursor(batch, part.asked);
      while (cursor.next()) {
        const at = cursor.offset;
        if (ranges.some(({ base, end }) => at >= base && at < end)) continue;
        this.#judge(
          textOf(cursor.bytes, cursor.keyStart, cursor.keyEnd),
          textOf(cursor.bytes, cursor.valueStart, cursor.valueEnd),
        );
      }
    }
    this.#acked.set(
      part.partition,
      ranges.filter(({ end }) => end > part.next),
    );
  }

  #judge(key: string | null, text: string | null): void {
    if (key === null) return;
    const [metric = '', version = '', rest = ''] = key.split('|', 3);
    const id = `${metric}|${version}`;
    const held = this.#held.get(id);
    if (rest === 'claim') return text === null ? undefined : this.#seeClaim(id, text);
    if (!held) return;
    if (text === null) return held.owner.found(key, null);
    const value = metricValueSchema.safeParse(parseJson(text));
    if (!value.success) return held.owner.found(key, null);
    const { generation, instance } = value.data;
    // Our own value whose acknowledgement is still on its way back to us.
    const own =
      held.generation > 0 && generation === held.generation && instance === this.#parts.instance;
    if (!own) held.owner.found(key, value.data);
  }

  #seeClaim(id: string, text: string): void {
    const parsed = claimSchema.safeParse(parseJson(text));
    if (!parsed.success) return;
    const { generation, instance, metric } = parsed.data;
    this.#claims.set(id, { generation, instance });
    const held = this.#held.get(id);
    if (held && held.generation > 0 && instance !== this.#parts.instance) {
      throw new AppError(
        'compute/fenced',
        `Another compute (${instance}) has taken over metric ${metric}; this one stops. Run only one compute on this cluster and prefix.`,
        { metric, instance, generation },
      );
    }
  }

  #reach(partition: number, offset: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        const reached = (this.#positions.get(partition)?.next ?? 0) >= offset;
        if (!reached && !signal.aborted) return;
        this.#waiters.delete(look);
        signal.removeEventListener('abort', look);
        resolve();
      };
      this.#waiters.add(look);
      signal.addEventListener('abort', look);
      look();
    });
  }
}
