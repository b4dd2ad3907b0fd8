import type { ReferenceMetric } from '#lib/testing/batch-reference.ts';

type Json = Record<string, unknown>;

/** The definitions under test, and beside each what it must give, said in plain functions. */
export const definitionsFor = (topic: string): string => `
apiVersion: freshet/v1
kind: Stream
metadata: { name: payments, owner: payments-team }
spec:
  topic: ${topic}
  eventTime: { field: paid_at, as: epoch-ms }
  ahead: 60s
  fields:
    paid_at: { type: int }
    status: { type: string }
    provider: { type: string }
    amount: { type: decimal, scale: 2, class: financial }
---
apiVersion: freshet/v1
kind: Metric
metadata: { name: payments_by_provider, owner: payments-team }
spec: { from: payments, groupBy: [provider], window: { kind: tumbling, size: 10s }, measure: count(), lateness: 5s, emit: { every: 20ms } }
---
apiVersion: freshet/v1
kind: Metric
metadata: { name: revenue, owner: payments-team }
spec: { from: payments, where: status == 'succeeded', window: { kind: tumbling, size: 30s }, measure: sum(amount), lateness: 20s, emit: { every: 20ms } }
---
apiVersion: freshet/v1
kind: Metric
metadata: { name: failure_rate, owner: payments-team }
spec:
  from: payments
  where: status != 'pending'
  groupBy: [provider]
  window: { kind: tumbling, size: 20s }
  measure: { ratio: { of: count(status == 'failed'), to: count() } }
  lateness: 10s
  emit: { every: 20ms }
---
apiVersion: freshet/v1
kind: Metric
metadata: { name: mean_payment, owner: payments-team }
spec: { from: payments, groupBy: [status], window: { kind: tumbling, size: 10s }, measure: avg(amount), lateness: 5s, emit: { every: 20ms } }
---
apiVersion: freshet/v1
kind: Metric
metadata: { name: largest_payment, owner: payments-team }
spec: { from: payments, window: { kind: tumbling, size: 10s }, measure: max(amount), lateness: 0s, emit: { every: 20ms } }
---
apiVersion: freshet/v1
kind: Board
metadata: { name: truth, owner: payments-team }
spec:
  panels:
    - { id: providers, kind: time-series, metric: payments_by_provider, by: provider, range: 2h, at: { x: 0, y: 0, w: 6, h: 4 } }
    - { id: revenue, kind: time-series, metric: revenue, range: 2h, at: { x: 6, y: 0, w: 6, h: 4 } }
`;

const eventAt = (record: Json) =>
  typeof record['paid_at'] === 'number' ? record['paid_at'] : null;
const cents = (record: Json) =>
  record['amount'] == null ? null : BigInt(Math.round(Number(record['amount']) * 100));
const badAmount = (record: Json) => typeof record['amount'] === 'string';
const provider = (record: Json): Json => ({ provider: record['provider'] ?? null });
const common = { eventAt, aheadMs: 60_000, where: () => true, dims: (): Json => ({}) };

export const REFERENCES: Readonly<Record<string, ReferenceMetric>> = {
  payments_by_provider: {
    ...common,
    dims: provider,
    measure: { kind: 'count' },
    sizeMs: 10_000,
    latenessMs: 5_000,
  },
  revenue: {
    ...common,
    invalid: badAmount,
    where: (record) => record['status'] === 'succeeded',
    measure: { kind: 'sum', cents },
    sizeMs: 30_000,
    latenessMs: 20_000,
  },
  failure_rate: {
    ...common,
    where: (record) => record['status'] !== 'pending',
    dims: provider,
    measure: { kind: 'ratio', of: (record) => record['status'] === 'failed' },
    sizeMs: 20_000,
    latenessMs: 10_000,
  },
  mean_payment: {
    ...common,
    invalid: badAmount,
    dims: (record): Json => ({ status: record['status'] ?? null }),
    measure: { kind: 'avg', cents },
    sizeMs: 10_000,
    latenessMs: 5_000,
  },
  largest_payment: {
    ...common,
    invalid: badAmount,
    measure: { kind: 'max', cents },
    sizeMs: 10_000,
    latenessMs: 0,
  },
};
