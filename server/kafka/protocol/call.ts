/** One request of the Kafka protocol and how to read its answer. The header is the connection's business. */
export interface ProtocolCall<T> {
  readonly apiKey: number;
  readonly apiVersion: number;
  /** For the log. */
  readonly apiName: string;
  /** The body. Of a flexible version it begins with one 0 byte: the empty tag section of the request header (KIP-482). */
  readonly body: Buffer;
  /** Reads the answer's body; of a flexible version that begins with the tag section of the header. */
  readonly decode: (answer: Buffer) => T;
}

/** Numbers of the APIs we speak ourselves (Kafka protocol guide, API keys). */
export const API = {
  produce: 0,
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  createTopics: 19,
  initProducerId: 22,
} as const;
