import type { Socket } from 'node:net';
import type { Clock, MonoMs } from '#lib/time/instant.ts';
import { LinkError } from './link-error.ts';
import type { KafkaJsBroker, KafkaJsParts } from './kafkajs-parts.ts';
import type { ProtocolCall } from './protocol/call.ts';

/** An answer with our monotonic clock around it. */
export interface Timed<T> {
  readonly answer: T;
  /** Just before the request was written. */
  readonly sentAt: MonoMs;
  /** When the last byte of the answer was there. */
  readonly receivedAt: MonoMs;
}

/** Connecting, ApiVersions and SASL together, ms. */
const CONNECT_TIMEOUT_MS = 3_000;

/**
 * One broker by its address. Connects when first asked; whatever goes wrong on it (closed, silent beyond its time, an answer that makes no sense)
 * throws all its connections away, fails every open call at once, and the next call begins with new ones. It never tries again by itself.
 */
export class KafkaNode {
  readonly host: string;
  readonly port: number;
  readonly #parts: KafkaJsParts;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  readonly #open = new Set<(error: LinkError) => void>();
  #connecting: Promise<KafkaJsBroker> | null = null;
  #connected: KafkaJsBroker | null = null;

  constructor(host: string, port: number, parts: KafkaJsParts, clock: Clock) {
    this.host = host;
    this.port = port;
    this.#parts = parts;
    this.#clock = clock;
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  get isConnected(): boolean {
    return this.#connected !== null;
  }

  own(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Highest version of an API the broker speaks. */
  async maxVersion(apiKey: number): Promise<number> {
    const broker = await this.#connect();
    return broker.versions?.[apiKey]?.maxVersion ?? 0;
  }

  /** Rejects with LinkError: after `timeoutMs`, when the connection fails, or when `reset` was called. */
  async call<T extends object>(call: ProtocolCall<T>, timeoutMs: number): Promise<Timed<T>> {
    const broker = await this.#connect();
    let sentAt = this.#clock.monotonic();
    let receivedAt = sentAt;
    const sent = broker.connectionPool.send({
      request: {
        apiKey: call.apiKey,
        apiVersion: call.apiVersion,
        apiName: call.apiName,
        encode: async () => {
          sentAt = this.#clock.monotonic();
          return this.#parts.encode(call.body);
        },
      },
      response: {
        decode: async (answer) => {
          receivedAt = this.#clock.monotonic();
          return call.decode(answer);
        },
        parse: async (decoded) => decoded,
      },
      logResponseError: false,
    });
    const answer = await this.#guard(sent, timeoutMs, call.apiName);
    // KafkaJS hands through what `decode` above returned.
    return { answer: answer as T, sentAt, receivedAt };
  }

  /** Throws every connection away and fails the open calls now. */
  reset(reason: LinkError): void {
    this.#connecting = null;
    this.#connected = null;
    for (const fail of [...this.#open]) fail(reason);
    for (const socket of this.#sockets) socket.destroy(new Error(reason.message));
    this.#sockets.clear();
  }

  async #connect(): Promise<KafkaJsBroker> {
    if (this.#connected !== null) return this.#connected;
    this.#connecting ??= this.#guard(this.#openBroker(), CONNECT_TIMEOUT_MS, 'connect');
    return this.#connecting;
  }

  async #openBroker(): Promise<KafkaJsBroker> {
    const broker = await this.#parts.broker(this.host, this.port);
    await broker.connect();
    this.#connected = broker;
    return broker;
  }

  #guard<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#open.delete(fail);
      };
      const fail = (error: LinkError) => {
        settle();
        reject(error);
      };
      const timer = setTimeout(
        () => this.reset(new LinkError('silent', `${this.address} did not answer ${what}`)),
        timeoutMs,
      );
      this.#open.add(fail);
      work.then(
        (value) => {
          settle();
          resolve(value);
        },
        (error: unknown) => {
          // Already failed: this is only the echo of the destroyed socket.
          if (this.#open.has(fail)) this.reset(LinkError.from(error, `${this.address} ${what}`));
        },
      );
    });
  }
}
