import { createRequire } from 'node:module';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import kjs from 'kafkajs';
import { AppError } from '#lib/errors/app-error.ts';
import type { Logger } from '#server/ports/logger.ts';
import type { KafkaSettings } from './kafka-settings.ts';

/** A broker of KafkaJS 2.2.4, as far as we use it: connecting with TLS and SASL, which versions it speaks, one request and its answer. */
export interface KafkaJsBroker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null;
  readonly connectionPool: {
    send(call: KafkaJsCall): Promise<unknown>;
    readonly pool: readonly { readonly requestQueue: KafkaJsRequestQueue }[];
  };
  connect(): Promise<void>;
}

interface KafkaJsCall {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    readonly encode: () => Promise<unknown>;
  };
  readonly response: {
    readonly decode: (answer: Buffer) => Promise<object>;
    readonly parse: (decoded: object) => Promise<object>;
  };
  readonly logResponseError: boolean;
}

interface KafkaJsRequestQueue {
  maybeThrottle: (ms: number) => void;
  scheduleCheckPendingRequests: () => void;
}

interface KafkaJsEncoder {
  writeBuffer(bytes: Buffer): KafkaJsEncoder;
}

interface KafkaJsCluster {
  readonly connectionPoolBuilder: {
    build(at: { host: string; port: number }): Promise<KafkaJsBroker['connectionPool']>;
  };
  readonly brokerPool: {
    createBroker(options: { connectionPool: unknown; logger: unknown }): KafkaJsBroker;
  };
  readonly rootLogger: unknown;
}

export interface KafkaJsParts {
  /** A broker that is not connected yet, with connections of its own. */
  broker(host: string, port: number): Promise<KafkaJsBroker>;
  /** Wraps the body of a request. */
  encode(body: Buffer): unknown;
}

/** After this a TCP or TLS connection attempt has failed, ms; a broker in the same region answers in a few. */
const CONNECTION_TIMEOUT_MS = 1_000;
const KEEP_ALIVE_DELAY_MS = 60_000;
const CREATE_CLUSTER = 'Symbol(private:Kafka:createCluster)';

/**
 * The inner parts of KafkaJS that we build on (DECISIONS.md 2): its connections with TLS and SASL, without its metadata, groups, retries and timeouts.
 * They are private, so every one is looked at here and a version that moved them is refused with a sentence (LR20).
 *
 * @param onSocket gets every socket as it is made, so that its owner can destroy it: KafkaJS itself waits for open answers when it closes
 */
export function openKafkaJs(
  settings: KafkaSettings,
  logger: Logger,
  onSocket: (socket: Socket, host: string, port: number) => void,
): KafkaJsParts {
  const kafka = new kjs.Kafka({
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    ...(settings.ssl === undefined ? {} : { ssl: settings.ssl }),
    ...(settings.sasl === undefined ? {} : { sasl: settings.sasl }),
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    enforceRequestTimeout: false, // our own timeouts destroy the socket; KafkaJS's only forget the request
    retry: { retries: 0 },
    logLevel: kjs.logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, log }) =>
        logger.debug('kafka:client', { namespace, message: log.message, broker: log['broker'] }),
    socketFactory: ({ host, port, ssl, onConnect }) => {
      const socket = openSocket(host, port, ssl, onConnect);
      onSocket(socket, host, port);
      return socket;
    },
  });
  const cluster = privateCluster(kafka);
  const Encoder = privateEncoder();
  return {
    async broker(host, port) {
      const connectionPool = await cluster.connectionPoolBuilder.build({ host, port });
      for (const { requestQueue } of connectionPool.pool) quieten(requestQueue);
      return cluster.brokerPool.createBroker({ connectionPool, logger: cluster.rootLogger });
    },
    encode: (body) => new Encoder().writeBuffer(body),
  };
}

/** Throttling is ours (a proof must know when its request left), and KafkaJS sets a timer with a negative time after every answer, of which Node 24 warns. */
function quieten(queue: KafkaJsRequestQueue): void {
  queue.maybeThrottle = () => {};
  queue.scheduleCheckPendingRequests = () => {};
}

function openSocket(
  host: string,
  port: number,
  ssl: ConnectionOptions | undefined,
  onConnect: () => void,
): Socket {
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = ssl
    ? connectTls({ host, port, ...name, ...ssl }, onConnect)
    : connectTcp({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  socket.setNoDelay(true);
  return socket;
}

function privateCluster(kafka: object): KafkaJsCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find((s) => String(s) === CREATE_CLUSTER);
  // KafkaJS declares no types for its private parts; what is used of them is checked right below.
  const create = symbol === undefined ? undefined : (kafka as Record<symbol, unknown>)[symbol];
  if (typeof create !== 'function') throw moved(CREATE_CLUSTER);
  const cluster = create({ metadataMaxAge: 0, allowAutoTopicCreation: false }) as KafkaJsCluster;
  if (typeof cluster.connectionPoolBuilder?.build !== 'function') throw moved('connectionPool');
  if (typeof cluster.brokerPool?.createBroker !== 'function') throw moved('createBroker');
  return cluster;
}

function privateEncoder(): new () => KafkaJsEncoder {
  const path = 'kafkajs/src/protocol/encoder';
  let encoder: unknown;
  try {
    encoder = createRequire(import.meta.url)(path);
  } catch (error) {
    throw moved(path, error);
  }
  if (typeof encoder !== 'function' || typeof encoder.prototype.writeBuffer !== 'function')
    throw moved(path);
  return encoder as new () => KafkaJsEncoder;
}

const moved = (part: string, cause?: unknown) =>
  new AppError(
    'internal',
    `The installed KafkaJS has no ${part}: Freshet needs exactly version 2.2.4. Run npm ci.`,
    { part },
    cause,
  );
