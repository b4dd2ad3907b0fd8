import { expect, test } from '../fixtures/test.ts';
import { paymentsDefinitions } from '../support/payments-definitions.ts';

const payment = { paid_at: Date.now(), status: 'succeeded', provider: 'stripe', amount: 12.5 };

test('[UI15, UI18] the list says how to begin when it is empty, and then each board with its worst state', async ({
  stack,
  topic,
  boards,
}) => {
  await boards.open();
  await expect(boards.page.getByText('npx freshet apply -f examples/shop')).toBeVisible();
  await stack.apply(paymentsDefinitions(topic));
  await stack.send(topic, 0, [payment]);
  await expect(boards.board('Payments')).toBeVisible({ timeout: 10_000 });
  await expect(boards.item('payments')).toHaveAttribute('data-state', /live|quiet/, {
    timeout: 15_000,
  });
  await boards.board('Payments').click();
  await expect(boards.page).toHaveURL(/\/boards\/payments$/);
});

test('[UI17] a board that does not exist is said in words', async ({ stack, page, quiet }) => {
  quiet.allow.push(/404/);
  await page.goto(`${stack.url}/boards/nothing-here`, { waitUntil: 'domcontentloaded' });
  await expect(page.getByText(/no board/i).first()).toBeVisible();
  const connection = page.locator('[data-role=connection]');
  await expect(connection).toHaveAttribute('data-connection', 'connected');
  // Longer than the silence after which a screen calls its server lost: a board that was refused owes no packets.
  const since = Date.now();
  await expect.poll(() => Date.now() - since, { timeout: 10_000 }).toBeGreaterThan(5_000);
  await expect(connection).toHaveAttribute('data-connection', 'connected');
});

test('[FD8] a board that changes while it is open is joined again, with its new panels', async ({
  stack,
  topic,
  board,
}) => {
  await stack.apply(paymentsDefinitions(topic));
  await stack.send(topic, 0, [payment]);
  await board.open('payments');
  await board.expectValue('Paid today', '1');
  await stack.apply(paymentsDefinitions(topic).replaceAll('Paid today', 'Payments today'));
  await expect(board.panel('Payments today')).toBeVisible();
  await board.expectValue('Payments today', '1');
});

test('[DF12] a changed filter starts a new version, and the panel shows its number', async ({
  stack,
  topic,
  board,
}) => {
  await stack.apply(paymentsDefinitions(topic));
  await stack.send(topic, 0, [
    payment,
    { ...payment, status: 'failed' },
    { ...payment, provider: 'adyen' },
  ]);
  await board.open('payments');
  await board.expectValue('Paid today', '3');
  await stack.apply(
    paymentsDefinitions(topic).replace(
      'spec: { from: payments, window: { kind: tumbling, size: 1d }, measure: count()',
      `spec: { from: payments, where: "status == 'succeeded'", window: { kind: tumbling, size: 1d }, measure: count()`,
    ),
  );
  await board.expectValue('Paid today', '2', 20_000);
  await board.expectState('Paid today', /live|quiet/);
  await board.expectValue('Revenue today', '37.50');
});
