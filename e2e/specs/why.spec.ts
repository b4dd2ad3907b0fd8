import { expect, test } from '../fixtures/test.ts';
import { paymentsDefinitions } from '../support/payments-definitions.ts';

const payment = { paid_at: Date.now(), status: 'succeeded', provider: 'stripe', amount: 12.5 };

test('[UI12] Why names hops, partitions with how we know, owner and runbook; by keyboard, Esc closes', async ({
  stack,
  topic,
  board,
  page,
}) => {
  await stack.apply(paymentsDefinitions(topic));
  await stack.send(topic, 0, [payment]);
  await stack.writer.append([{ topic, partition: 1, records: [{ key: null, value: 'not json' }] }]);
  await board.open('payments');
  await board.expectValue('Paid today', '1');
  const badge = board.panel('Paid today').getByRole('button');
  await badge.focus();
  await page.keyboard.press('Enter');
  const why = page.getByRole('dialog');
  await expect(why).toBeVisible();
  for (const hop of ['Ingest', 'Stream', 'Compute', 'Deliver', 'Paint'])
    await expect(why.getByRole('row', { name: new RegExp(hop) })).toBeVisible();
  await expect(why.getByRole('row', { name: `${topic}-0` })).toContainText(/answered/);
  await expect(why.getByRole('row', { name: `${topic}-1` })).toBeVisible();
  await expect(why).toContainText('payments-sre');
  await expect(why.getByRole('link', { name: 'Runbook' })).toHaveAttribute(
    'href',
    'https://runbooks.example/paid_today',
  );
  await expect(why).toContainText(/1 invalid/);
  const covered = await why.evaluate((dialog, number) => {
    const a = dialog.getBoundingClientRect();
    const b = document
      .querySelector(`section[aria-label="${number}"] .number`)
      ?.getBoundingClientRect();
    return b ? a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom : true;
  }, 'Paid today');
  expect(covered, 'Why covers its own number').toBe(false);
  await page.keyboard.press('Escape');
  await expect(why).toBeHidden();
  await expect(badge).toBeFocused();
});

test('[UI13] the theme can be switched, and stays', async ({ stack, topic, board, page }) => {
  await stack.apply(paymentsDefinitions(topic));
  await board.open('payments');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await background();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(background).not.toBe(light);
  await page
    .getByRole('radio', { name: /light/i })
    .or(page.getByRole('button', { name: /light/i }))
    .first()
    .click();
  await expect.poll(background).toBe(light);
  await page.reload({ waitUntil: 'domcontentloaded' });
  expect(await background()).toBe(light);
});
