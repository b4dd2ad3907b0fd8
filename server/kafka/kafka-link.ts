import type { Socket } from 'node:net';
import type { Clock } from '#lib/time/instant.ts';
import type { Logger } from '#server/ports/logger.ts';
import { KafkaNode, type Timed } from './kafka-node.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import { openKafkaJs, type KafkaJsParts } from './kafkajs-parts.ts';
import { LinkError } from './link-error.ts';
import { API } from './protocol/call.ts';
import { metadataCall, type ClusterMetadata } from './protocol/metadata.ts';

/** One broker gets this long for metadata before the next is asked, ms. */
const METADATA_ATTEMPT_MS = 2_000;

/**
 * Connections to one cluster, of one owner: reader, writer and catalog have one each, so that none waits behind another: a broker answers one connection in order. Knows the
 * brokers by id after the first metadata; asks only for named topics.
 */
export class KafkaLink {
  readonly #parts: KafkaJsParts;
  readonly #clock: Clock;
  readonly #nodes = new Map<string, KafkaNode>();
  readonly #seeds: readonly string[];
  #addresses = new Map<number, string>();
  #isClosed = false;

  constructor(settings: KafkaSettings, clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#seeds = settings.brokers;
    const own = (socket: Socket, host: string, port: number) => this.#at(host, port).own(socket);
    this.#parts = openKafkaJs(settings, logger, own);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** A broker of the last metadata; null when that did not name it. */
  node(nodeId: number): KafkaNode | null {
    const address = this.#addresses.get(nodeId);
    return address === undefined || this.#isClosed ? null : this.#parse(address);
  }

  /** Asks broker after broker until one answers. Rejects with LinkError when none did, or at the deadline. */
  async metadata(topics: readonly string[], timeoutMs: number): Promise<Timed<ClusterMetadata>> {
    const deadline = this.#clock.monotonic() + timeoutMs;
    let failure = new LinkError('down', 'no broker is known');
    for (const node of this.#candidates()) {
      const left = deadline - this.#clock.monotonic();
      if (left <= 0) break;
      try {
        const version = await within(node.maxVersion(API.metadata), left, node);
        const call = metadataCall(topics, version);
        const timed = await node.call(call, Math.min(left, METADATA_ATTEMPT_MS));
        this.#learn(timed.answer);
        return timed;
      } catch (error) {
        failure = LinkError.from(error, node.address);
        if (this.#isClosed) break;
      }
    }
    throw failure;
  }

  /** Ends every connection and fails every open call now; nothing can be asked afterwards. */
  close(): void {
    this.#isClosed = true;
    const closed = new LinkError('closed', 'closed by us');
    for (const node of this.#nodes.values()) node.reset(closed);
    this.#nodes.clear();
  }

  /** Connected ones first: they answer in a millisecond. */
  #candidates(): readonly KafkaNode[] {
    if (this.#isClosed) throw new LinkError('closed', 'closed by us');
    const known = [...new Set([...this.#addresses.values(), ...this.#seeds])];
    return known
      .map((address) => this.#parse(address))
      .toSorted((a, b) => Number(b.isConnected) - Number(a.isConnected));
  }

  #learn(metadata: ClusterMetadata): void {
    this.#addresses = new Map(
      metadata.nodes.map(({ nodeId, host, port }) => [nodeId, `${host}:${port}`]),
    );
    const wanted = new Set([...this.#addresses.values(), ...this.#seeds]);
    for (const [address, node] of this.#nodes) {
      if (wanted.has(address)) continue;
      this.#nodes.delete(address);
      node.reset(new LinkError('down', `${address} left the cluster`));
    }
  }

  #parse(address: string): KafkaNode {
    const cut = address.lastIndexOf(':');
    return this.#at(address.slice(0, cut), Number(address.slice(cut + 1)));
  }

  #at(host: string, port: number): KafkaNode {
    const address = `${host}:${port}`;
    const known = this.#nodes.get(address);
    if (known !== undefined) return known;
    const node = new KafkaNode(host, port, this.#parts, this.#clock);
    this.#nodes.set(address, node);
    return node;
  }
}

/** A broker that accepts and stays silent would use up the time of all others. */
async function within<T>(work: Promise<T>, timeoutMs: number, node: KafkaNode): Promise<T> {
  const silent = () =>
    node.reset(new LinkError('silent', `${node.address} did not answer in time`));
  const timer = setTimeout(silent, timeoutMs);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
