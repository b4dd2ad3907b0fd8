/** A small board over payments: a count, a sum, a rate and a chart, with a short promise so that stories are short. */
export const paymentsDefinitions = (
  topic: string,
  promise = { target: '3s', stopTrusting: '8s' },
): string => `
apiVersion: freshet/v1
kind: Stream
metadata: { name: payments, owner: payments-team }
spec:
  topic: ${topic}
  eventTime: { field: paid_at, as: epoch-ms }
  fields:
    paid_at: { type: int }
    status: { type: string }
    provider: { type: string }
    amount: { type: decimal, scale: 2, class: financial }
---
${metric('paid_today', 'Paid today', 'count()')}
---
${metric('revenue_today', 'Revenue today', 'sum(amount)', 'unit: EUR, ')}
---
${metric('failures_today', 'Failures today', `{ ratio: { of: "count(status == 'failed')", to: count() } }`, 'unit: percent, good: down, ')}
---
${metric('paid_by_provider', 'Paid by provider', 'count()', 'groupBy: [provider], ', '10s')}
---
${['paid_today', 'revenue_today', 'failures_today', 'paid_by_provider'].map((name) => objective(name, promise)).join('\n---\n')}
---
apiVersion: freshet/v1
kind: Board
metadata: { name: payments, title: Payments, owner: payments-team, description: What was paid }
spec:
  zone: Europe/Berlin
  panels:
    - { id: paid, kind: number, metric: paid_today, at: { x: 0, y: 0, w: 4, h: 2 } }
    - { id: revenue, kind: number, metric: revenue_today, at: { x: 4, y: 0, w: 4, h: 2 } }
    - { id: failures, kind: number, metric: failures_today, at: { x: 8, y: 0, w: 4, h: 2 } }
    - { id: providers, kind: time-series, metric: paid_by_provider, by: provider, range: 10m, at: { x: 0, y: 2, w: 12, h: 4 } }
`;

const metric = (
  name: string,
  title: string,
  measure: string,
  more = '',
  size = '1d',
) => `apiVersion: freshet/v1
kind: Metric
metadata: { name: ${name}, title: ${title}, owner: payments-sre, runbook: https://runbooks.example/${name} }
spec: { from: payments, ${more}window: { kind: tumbling, size: ${size} }, measure: ${measure}, lateness: 1s, show: ${size === '1d' ? 'current' : 'complete'}, quietAfter: 4s }`;

const objective = (
  name: string,
  promise: { target: string; stopTrusting: string },
) => `apiVersion: freshet/v1
kind: Objective
metadata: { name: ${name}, owner: payments-product }
spec: { metric: ${name}, target: ${promise.target}, stopTrusting: ${promise.stopTrusting} }`;
