import { AppError } from '#lib/errors/app-error.ts';
import { encodeBatch } from '#lib/log/encode-batch.ts';
import type { KafkaLink } from './kafka-link.ts';
import { LinkError } from './link-error.ts';
import type { PendingBatch } from './pending-batch.ts';
import { errorName, isAuthorizationError, KAFKA_ERROR } from './protocol/error-codes.ts';
import { initProducerIdCall } from './protocol/init-producer-id.ts';
import type { ProduceBatch } from './protocol/produce.ts';

const TIMEOUT_MS = 3_000;
const MAX_EPOCH = 32_767;
/** Sequences are INT32 and begin again at 0 after the largest (KIP-98). */
const SEQUENCES = 2 ** 31;

interface Identity {
  readonly producerId: number;
  readonly epoch: number;
}

/**
 * Who we are to the brokers: a producer id, its epoch, and a sequence per partition, by which a batch that is sent twice is appended once and
 * one of an older epoch not at all (KIP-98, KIP-360).
 */
export class ProducerSession {
  readonly #link: KafkaLink;
  readonly #sequences = new Map<string, number>();
  #identity: Identity | null = null;

  constructor(link: KafkaLink) {
    this.#link = link;
  }

  /** Gets an identity where there is none. Rejects with LinkError, or AppError when this user may not have one. */
  async open(cluster: string): Promise<void> {
    if (this.#identity !== null) return;
    const { answer } = await this.#link.metadata([], TIMEOUT_MS);
    const node = this.#link.node(answer.nodes[0]?.nodeId ?? -1);
    if (node === null) throw new LinkError('down', 'no broker is known');
    const { answer: given } = await node.call(initProducerIdCall(), TIMEOUT_MS);
    if (isAuthorizationError(given.error)) {
      throw new AppError(
        'kafka/authorization',
        `Cluster ${cluster} does not let this user write. Grant WRITE on the topics, and on brokers before 2.8 IDEMPOTENT_WRITE on the cluster.`,
        { error: given.error },
      );
    }
    if (given.error !== KAFKA_ERROR.none)
      throw new LinkError('down', `no producer id: ${errorName(given.error)}`);
    this.#identity = { producerId: given.producerId, epoch: given.epoch };
    this.#sequences.clear();
  }

  /** The same bytes as long as neither the identity changed nor the batch was acknowledged. */
  encode(batch: PendingBatch): ProduceBatch {
    const { topic, partition, records } = batch;
    const { producerId, epoch: producerEpoch } = this.#identity ?? { producerId: -1, epoch: -1 };
    const baseSequence = this.#sequences.get(keyOf(batch)) ?? 0;
    const bytes = encodeBatch({ baseOffset: 0, records, producerId, producerEpoch, baseSequence });
    return { topic, partition, batch: bytes };
  }

  acknowledged(batch: PendingBatch): void {
    const next = (this.#sequences.get(keyOf(batch)) ?? 0) + batch.records.length;
    this.#sequences.set(keyOf(batch), next % SEQUENCES);
  }

  /** From here on no batch of the epoch so far can be appended to a partition that has one of the new epoch. */
  raiseEpoch(): void {
    const identity = this.#identity;
    if (identity === null) return;
    this.#identity = identity.epoch < MAX_EPOCH ? { ...identity, epoch: identity.epoch + 1 } : null;
    this.#sequences.clear();
  }

  /** Forgets the identity: the next `open` gets a new one. */
  renew(): void {
    this.#identity = null;
  }
}

const keyOf = ({ topic, partition }: PendingBatch) => `${topic}:${partition}`;
