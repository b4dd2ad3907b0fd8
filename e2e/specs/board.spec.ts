import { expect, test } from '../fixtures/test.ts';
import { paymentsDefinitions } from '../support/payments-definitions.ts';

const PROVIDERS = ['stripe', 'adyen', 'paypal'] as const;

/** Payments of today, spread over two partitions; every seventh failed. */
const payments = (count: number, at = Date.now()) =>
  Array.from({ length: count }, (_, n) => ({
    paid_at: at - (n % 50),
    status: n % 7 === 0 ? 'failed' : 'succeeded',
    provider: PROVIDERS[n % 3],
    amount: (n % 90) + 0.25,
  }));

/** What the board must say of them, said plainly. */
const batch = (list: readonly { amount: number; status: string }[]) => ({
  count: String(list.length),
  cents: list.reduce((sum, { amount }) => sum + Math.round(amount * 100), 0),
  failed: list.filter(({ status }) => status === 'failed').length / list.length,
});

test('[PB1] the numbers of the board become those of a batch over the same records', async ({
  stack,
  topic,
  board,
}) => {
  await stack.apply(paymentsDefinitions(topic));
  const first = payments(400);
  await stack.send(topic, 0, first.slice(0, 350));
  await stack.send(topic, 1, first.slice(350));
  await board.open('payments');
  await board.expectValue('Paid today', '400');
  await board.expectState('Paid today', /live|quiet/);
  const more = payments(37);
  await stack.send(topic, 1, more);
  const want = batch([...first, ...more]);
  await board.expectValue('Paid today', want.count);
  await board.expectValue('Revenue today', (want.cents / 100).toFixed(2));
  await expect(board.panel('Failures today').locator('[data-role=value]')).toHaveAttribute(
    'value',
    String(want.failed),
  );
  await expect(board.panel('Paid by provider').getByText('stripe')).toBeVisible();
});

test('[ST5] Kafka stops: Unknown with growing ages; Kafka is back: the board recovers', async ({
  broker,
  stack,
  topic,
  board,
}) => {
  await stack.apply(paymentsDefinitions(topic));
  await stack.send(topic, 0, payments(10));
  await board.open('payments');
  await board.expectValue('Paid today', '10');
  await broker.kill();
  await board.expectState('Paid today', 'unknown', 15_000);
  const age = await board.ageMs('Paid today');
  await expect
    .poll(() => board.ageMs('Paid today'), { timeout: 10_000 })
    .toBeGreaterThan(age + 2_000);
  await broker.restart();
  await board.expectState('Paid today', /live|quiet/, 30_000);
  await stack.send(topic, 1, payments(5));
  await board.expectValue('Paid today', '15');
  expect(await board.ageMs('Paid today')).toBeLessThan(3_000);
});

test('[FD17, UI11] the server is killed: Disconnected within 5 s; it is back: right numbers again', async ({
  stack,
  topic,
  board,
  quiet,
}) => {
  quiet.allow.push(/ERR_CONNECTION_REFUSED|WebSocket|Failed to load resource/);
  await stack.apply(paymentsDefinitions(topic));
  await stack.send(topic, 0, payments(10));
  await board.open('payments');
  await board.expectValue('Paid today', '10');
  const before = await board.boxes();
  await stack.hub.end('SIGKILL');
  await board.expectState('Paid today', 'disconnected', 5_000);
  expect(await board.boxes(), 'no state change moves or resizes a panel').toEqual(before);
  await stack.send(topic, 0, payments(7));
  await stack.restartHub();
  await board.expectState('Paid today', /live|quiet/, 20_000);
  await board.expectValue('Paid today', '17');
});

test('[ST8] a quiet topic while Kafka answers is Quiet, and never Late', async ({
  stack,
  topic,
  board,
}) => {
  await stack.apply(paymentsDefinitions(topic, { target: '3s', stopTrusting: '9s' }));
  await stack.send(topic, 0, payments(3));
  await board.open('payments');
  await board.expectState('Paid today', 'quiet', 20_000);
  const seen = await board.watchStates('Paid today');
  const since = await board.frontier('Paid today');
  // Two targets' worth of silence: the frontier goes on because Kafka's empty answers prove it.
  await expect
    .poll(() => board.frontier('Paid today'), { timeout: 20_000 })
    .toBeGreaterThan(since + 6_000);
  expect(await seen()).toEqual(['quiet']);
  await stack.send(topic, 0, payments(1));
  await board.expectState('Paid today', 'live');
});

test('[ST4, ST7] compute is stopped: Late, then Stale and struck; it goes on: the number is whole', async ({
  stack,
  topic,
  board,
}) => {
  await stack.apply(paymentsDefinitions(topic));
  await stack.send(topic, 0, payments(10));
  await board.open('payments');
  await board.expectValue('Paid today', '10');
  await board.expectState('Paid today', /live|quiet/);
  stack.compute.signal('SIGSTOP');
  await stack.send(topic, 0, payments(4));
  await board.expectState('Paid today', 'late');
  await board.expectState('Paid today', 'stale');
  await board.expectStruck('Paid today');
  await board.expectValue('Paid today', '10');
  const why = await board.openWhy('Paid today');
  await expect(why).toContainText(/compute/i);
  stack.compute.signal('SIGCONT');
  await board.expectState('Paid today', /live|quiet/);
  await board.expectValue('Paid today', '14');
});

test('[CP2] compute is killed and started again: the number goes on, right', async ({
  stack,
  topic,
  board,
}) => {
  await stack.apply(paymentsDefinitions(topic));
  await stack.send(topic, 0, payments(20));
  await board.open('payments');
  await board.expectValue('Paid today', '20');
  await stack.compute.end('SIGKILL');
  await stack.send(topic, 1, payments(6));
  await stack.restartCompute();
  await board.expectValue('Paid today', '26');
  await board.expectState('Paid today', /live|quiet/);
});
