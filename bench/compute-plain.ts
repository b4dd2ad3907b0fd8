import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

/**
 * The plain stack: KafkaJS eachBatch, JSON.parse, windows in a Map, for the same metrics as the examples over payments. It checks no CRC, keeps no
 * checkpoint, publishes nothing and sums in doubles. Time runs from its first batch, so that joining a group is not held against it.
 */
const [brokerText = '', topic = '', totalText = '0'] = process.argv.slice(2);
const total = Number(totalText);
const kafka = new Kafka({
  brokers: brokerText.split(','),
  clientId: 'plain',
  logLevel: logLevel.NOTHING,
});
const consumer = kafka.consumer({
  groupId: randomUUID(),
  maxBytesPerPartition: 1 << 20,
  maxBytes: 8 << 20,
});

interface Payment {
  readonly provider: string;
  readonly method: string;
  readonly status: string;
  readonly amount: number;
  readonly paid_at: string;
}
type Fold = (cell: { count: number; sum: number }, payment: Payment) => void;
const count: Fold = (cell) => {
  cell.count += 1;
};
interface PlainMetric {
  readonly where: string | null;
  readonly groupBy: readonly string[];
  readonly sizeMs: number;
  readonly measure: string;
}
const metrics = (JSON.parse(process.argv[5] ?? '[]') as readonly PlainMetric[]).map((metric) => ({
  where:
    metric.where === null
      ? () => true
      : (new Function(
          'p',
          `const { status, provider, method, amount } = p; return ${metric.where}`,
        ) as (p: Payment) => boolean),
  key:
    metric.groupBy.length === 0
      ? () => ''
      : (new Function(
          'p',
          `return ${metric.groupBy.map((name) => `p.${name}`).join(" + '|' + ")}`,
        ) as (p: Payment) => string),
  sizeMs: metric.sizeMs,
  fold:
    metric.measure === 'count'
      ? count
      : (((cell, p) => {
          cell.count += 1;
          cell.sum += metric.measure === 'ratio' ? (p.status === 'failed' ? 1 : 0) : p.amount;
        }) satisfies Fold),
}));
const windows = metrics.map(() => new Map<string, { count: number; sum: number }>());

let seen = 0;
let since = 0;
let cpu = process.cpuUsage();
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await new Promise<void>((resolve) => {
  void consumer.run({
    eachBatch: async ({ batch }) => {
      if (seen === 0) {
        since = performance.now();
        cpu = process.cpuUsage();
      }
      for (const { value } of batch.messages) {
        const payment = JSON.parse(value?.toString('utf8') ?? 'null') as Payment;
        const at = Date.parse(payment.paid_at);
        metrics.forEach(({ where, key, sizeMs, fold }, i) => {
          if (!where(payment)) return;
          const id = `${String(at - (at % sizeMs))}|${key(payment)}`;
          const map = windows[i]!;
          let cell = map.get(id);
          if (!cell) map.set(id, (cell = { count: 0, sum: 0 }));
          fold(cell, payment);
        });
        seen += 1;
      }
      if (seen >= total) resolve();
    },
  });
});
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(
  `${JSON.stringify({ wallMs: performance.now() - since, cpuMs: (user + system) / 1_000, metrics: metrics.length })}\n`,
);
process.exit(0);
