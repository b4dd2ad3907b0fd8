import { API, type ProtocolCall } from './call.ts';
import { WireReader, WireWriter } from './wire.ts';

/** Unused without a transaction, but the field has to be there. */
const NO_TRANSACTION_TIMEOUT_MS = 60_000;

export interface ProducerIdentity {
  readonly error: number;
  readonly producerId: number;
  readonly epoch: number;
}

/** InitProducerId version 1: a new identity for an idempotent producer, from any broker. */
export function initProducerIdCall(): ProtocolCall<ProducerIdentity> {
  return {
    apiKey: API.initProducerId,
    apiVersion: 1,
    apiName: 'InitProducerId',
    body: new WireWriter().string(null).int32(NO_TRANSACTION_TIMEOUT_MS).finish(),
    decode: (answer) => {
      const r = new WireReader(answer);
      r.int32(); // throttle
      return { error: r.int16(), producerId: r.int64(), epoch: r.int16() };
    },
  };
}
