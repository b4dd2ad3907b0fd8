import { AppError } from '#lib/errors/app-error.ts';
import { epochMs, type Clock, type MonoMs } from '#lib/time/instant.ts';
import type { Logger } from '#server/ports/logger.ts';
import type { LogAck, LogAcks, LogAppend, LogWriter } from '#server/ports/log-writer.ts';
import { Bell } from './bell.ts';
import type { KafkaLink } from './kafka-link.ts';
import { clusterError, isFinal, LinkError } from './link-error.ts';
import { pauseAfter } from './partition-table.ts';
import { PendingBatch } from './pending-batch.ts';
import { ProducerSession } from './producer-session.ts';
import { errorName, isAuthorizationError, KAFKA_ERROR } from './protocol/error-codes.ts';
import { produceCall, type ProducedBatch } from './protocol/produce.ts';
import { judgeProduce } from './produce-verdict.ts';
import { TopicLeaders } from './topic-leaders.ts';

/** How long the leader waits for its followers, and how much longer we wait for the leader, ms. */
const REPLICAS_TIMEOUT_MS = 5_000;
const ANSWER_GRACE_MS = 1_000;

export interface KafkaLogWriterOptions {
  readonly cluster: string;
  /** An append is tried again this long before it rejects, ms. */
  readonly giveUpMs: number;
}

interface Sending {
  readonly deadline: number;
  /** The first byte of the first attempt: a repeated batch is answered with the time of its first append. */
  sentAt: MonoMs | null;
  ackedAt: MonoMs;
  /** By place in the call. */
  readonly acks: Map<number, LogAck>;
}

/**
 * An idempotent producer over a link of its own. It is ours and not KafkaJS's because after a rejected send KafkaJS uses the sequence numbers again for
 * other records, which the broker then takes for repetitions and drops; here every rejection raises the producer's epoch (KIP-360), so that what
 * was given up can neither shadow nor overtake what comes after (LW4).
 */
export class KafkaLogWriter implements LogWriter {
  readonly #link: KafkaLink;
  readonly #options: KafkaLogWriterOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #session: ProducerSession;
  readonly #leaders: TopicLeaders;
  readonly #closed = new Bell();
  #last: Promise<unknown> = Promise.resolve();

  constructor(link: KafkaLink, options: KafkaLogWriterOptions, clock: Clock, logger: Logger) {
    this.#link = link;
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#session = new ProducerSession(link);
    this.#leaders = new TopicLeaders(link, clock);
  }

  append(appends: readonly LogAppend[]): Promise<LogAcks> {
    const mine = this.#last.then(() => this.#append(appends));
    this.#last = mine.catch(() => {}); // the next one does not depend on how this one ends
    return mine;
  }

  async close(): Promise<void> {
    this.#link.close();
    this.#closed.ring();
    await this.#last;
  }

  async #append(appends: readonly LogAppend[]): Promise<LogAcks> {
    const now = this.#clock.monotonic();
    const sending: Sending = {
      deadline: now + this.#options.giveUpMs,
      sentAt: null,
      ackedAt: now,
      acks: new Map(),
    };
    const at = this.#clock.now();
    const batches = appends.map((append, place) => new PendingBatch(append, place, at));
    for (const wave of waves(batches)) await this.#sendAll(wave, sending);
    const acks = batches.map(({ place }) => sending.acks.get(place)).filter((a) => a !== undefined);
    return { acks, sentAt: sending.sentAt ?? now, ackedAt: sending.ackedAt };
  }

  async #sendAll(batches: readonly PendingBatch[], sending: Sending): Promise<void> {
    let waiting = batches;
    let reason: unknown = null;
    try {
      for (let failures = 0; waiting.length > 0;) {
        try {
          await this.#attempt(waiting, sending);
        } catch (error) {
          if (isFinal(error) || this.#link.isClosed) throw error;
          reason = error;
        }
        const left = waiting.filter(({ isAcked }) => !isAcked);
        if (left.some(({ isDisowned }) => isDisowned)) this.#renewIdentity(left);
        failures = left.length < waiting.length ? 0 : failures + 1;
        waiting = left;
        if (waiting.length === 0) return;
        if (this.#clock.monotonic() >= sending.deadline) throw this.#givenUp(reason, waiting);
        await this.#closed.wait(pauseAfter(Math.max(1, failures)));
      }
    } catch (error) {
      // What may be on its way must never be mistaken for, or land after, what is sent next.
      if (waiting.some(({ mayBeAppended }) => mayBeAppended)) this.#session.raiseEpoch();
      throw clusterError(error, this.#options.cluster, `${names(waiting)} could not be written`);
    }
  }

  /** Sends every waiting batch to its leader once. Throws AppError for what no repetition mends. */
  async #attempt(waiting: readonly PendingBatch[], sending: Sending): Promise<void> {
    await this.#session.open(this.#options.cluster);
    await this.#leaders.find(waiting, this.#options.cluster);
    const byLeader = Map.groupBy(waiting, (batch) => this.#leaders.leaderOf(batch) ?? -1);
    const sent = [...byLeader].map(([nodeId, batches]) => this.#produce(nodeId, batches, sending));
    const outcomes = await Promise.allSettled(sent);
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    const final = failed.find(({ reason }) => isFinal(reason)) ?? failed[0];
    if (final !== undefined) throw final.reason;
  }

  async #produce(
    nodeId: number,
    batches: readonly PendingBatch[],
    sending: Sending,
  ): Promise<void> {
    const node = this.#link.node(nodeId);
    if (node === null) {
      for (const batch of batches) this.#leaders.forget(batch.topic);
      throw new LinkError('down', `${names(batches)} has no leader`);
    }
    const encoded = batches.map((batch) => this.#session.encode(batch));
    const call = produceCall(encoded, REPLICAS_TIMEOUT_MS);
    sending.sentAt ??= this.#clock.monotonic();
    let answers: readonly ProducedBatch[];
    try {
      const timed = await node.call(call, REPLICAS_TIMEOUT_MS + ANSWER_GRACE_MS);
      sending.ackedAt = timed.receivedAt;
      answers = timed.answer.batches;
    } catch (error) {
      for (const batch of batches) {
        batch.mayBeAppended = true;
        this.#leaders.forget(batch.topic);
      }
      throw error;
    }
    // All of them are taken before one may end the append: what was appended has used up its sequence numbers.
    const refusals = batches.map((batch) => {
      const { topic, partition } = batch;
      const found = answers.find((b) => b.topic === topic && b.partition === partition);
      return this.#take(batch, found, sending);
    });
    const refused = refusals.find((error) => error !== null);
    if (refused !== undefined) throw refused;
  }

  #take(batch: PendingBatch, answer: ProducedBatch | undefined, sending: Sending): AppError | null {
    const error = answer?.error ?? KAFKA_ERROR.unknownServerError;
    const verdict = judgeProduce(error);
    if (answer !== undefined && verdict === 'appended') {
      batch.isAcked = true;
      this.#session.acknowledged(batch);
      const appendedAt = answer.logAppendTime < 0 ? null : epochMs(answer.logAppendTime);
      const { topic, partition } = batch;
      sending.acks.set(batch.place, {
        topic,
        partition,
        baseOffset: answer.baseOffset,
        appendedAt,
      });
      return null;
    }
    this.#logger.debug('kafka:append-error', { where: names([batch]), error: errorName(error) });
    this.#leaders.forget(batch.topic);
    if (verdict === 'unsure') batch.mayBeAppended = true;
    if (verdict === 'identity') batch.isDisowned = true;
    return verdict === 'refused' ? refusal(batch, error, answer?.message ?? null) : null;
  }

  /** A broker does not know this producer as we do. Under a new identity a repetition would not be recognised as one. */
  #renewIdentity(left: readonly PendingBatch[]): void {
    if (left.some(({ mayBeAppended }) => mayBeAppended))
      throw this.#givenUp('the broker lost track of this producer', left);
    for (const batch of left) batch.isDisowned = false;
    this.#session.renew();
  }

  #givenUp(reason: unknown, batches: readonly PendingBatch[]): AppError {
    return clusterError(reason, this.#options.cluster, `${names(batches)} could not be written`);
  }
}

/** One produce request holds one batch per partition: what names a partition again goes into the next one. */
function waves(batches: readonly PendingBatch[]): readonly (readonly PendingBatch[])[] {
  const result: PendingBatch[][] = [];
  const taken = new Map<string, number>();
  for (const batch of batches) {
    if (batch.records.length === 0) continue;
    const key = `${batch.topic}:${batch.partition}`;
    const wave = taken.get(key) ?? 0;
    taken.set(key, wave + 1);
    (result[wave] ??= []).push(batch);
  }
  return result;
}

const names = (batches: readonly PendingBatch[]) =>
  batches.map(({ topic, partition }) => `${topic}-${partition}`).join(', ');

function refusal(batch: PendingBatch, error: number, message: string | null): AppError {
  const where = names([batch]);
  const details = { where, error, message };
  if (isAuthorizationError(error)) {
    return new AppError(
      'kafka/authorization',
      `The cluster does not let this user write to ${batch.topic}. Grant WRITE on the topic.`,
      details,
    );
  }
  const reason =
    error === KAFKA_ERROR.messageTooLarge ? 'the batch is too large' : errorName(error);
  return new AppError('internal', `The cluster refused a batch for ${where}: ${reason}.`, details);
}
