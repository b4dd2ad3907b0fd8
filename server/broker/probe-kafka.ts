import { connect } from 'node:net';

/** ApiVersions v0 with correlation id 1 and no client id: the first thing every Kafka answers, whoever asks (Kafka protocol guide). */
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);
const CORRELATION_ID = 1;

/** True when a Kafka broker answers there within the time. A listening port alone proves nothing: it may be frozen, or somebody else's. */
export function answersAsKafka(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    let head = Buffer.alloc(0);
    const end = (answers: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answers);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    socket.once('connect', () => socket.write(API_VERSIONS));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.on('data', (chunk) => {
      head = Buffer.concat([head, chunk]);
      if (head.length >= 8) end(head.readInt32BE(4) === CORRELATION_ID);
    });
  });
}
