import { randomUUID } from 'node:crypto';
import { chromium } from '@playwright/test';
import { CHROMIUM_ARGS, ensureChromium } from '../checks/find-chromium.ts';
import { Stack, type StackBroker } from '../checks/stack/stack.ts';

const WARM_UP_MS = 5_000;
const MEASURE_MS = 20_000;
const TICK_MS = 10;

export interface PaintResult {
  readonly perSecond: number;
  readonly cadence: 'calm';
  readonly samples: number;
  /** From the producer's instant of the event to the frame that paints a number with it, ms. */
  readonly total: { readonly p50: number; readonly p90: number; readonly p99: number };
  /** As Why shows them: the product's own measurement. */
  readonly hops: readonly { readonly name: string; readonly p50: string; readonly p95: string }[];
}

const definitions = (topic: string): string => `
apiVersion: freshet/v1
kind: Stream
metadata: { name: events, owner: bench }
spec: { topic: ${topic}, eventTime: { field: at, as: epoch-ms }, fields: { at: { type: int } } }
---
apiVersion: freshet/v1
kind: Metric
metadata: { name: events_today, title: Events today, owner: bench }
spec: { from: events, window: { kind: tumbling, size: 1d }, measure: count(), show: current }
---
apiVersion: freshet/v1
kind: Objective
metadata: { name: events_today, owner: bench }
spec: { metric: events_today, target: 10s }
---
apiVersion: freshet/v1
kind: Board
metadata: { name: bench, owner: bench }
spec: { panels: [{ id: events, kind: number, metric: events_today, at: { x: 0, y: 0, w: 4, h: 2 } }] }
`;

/**
 * An outside observer: the number on the page is a count of all events, so the first frame that paints n tells when event n was painted. Producer
 * and page are on one machine, so one wall clock serves both.
 */
export async function measurePaint(broker: StackBroker, perSecond: number): Promise<PaintResult> {
  const stack = await Stack.open(broker.brokers, randomUUID().slice(0, 8));
  const browser = await chromium.launch({
    executablePath: ensureChromium(() => undefined),
    args: CHROMIUM_ARGS,
  });
  try {
    const topic = `bench.${randomUUID()}`;
    await stack.createTopic(topic, 4);
    await stack.apply(definitions(topic));
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`${stack.url}/boards/bench`, { waitUntil: 'domcontentloaded' });
    const value = page.locator('data[data-role=value]');
    await value.waitFor({ state: 'attached' });
    const paints = await value.evaluateHandle((element) => {
      const seen: { at: number; count: number }[] = [];
      let last = -1;
      const look = () => {
        const count = Number(element.getAttribute('value') || 0);
        // What the DOM holds now is on the screen with this very frame.
        if (count !== last) seen.push({ at: performance.timeOrigin + performance.now(), count });
        last = count;
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
      return seen;
    });

    const sent: number[] = [];
    const since = performance.now();
    const wall = Date.now() - since;
    while (performance.now() - since < WARM_UP_MS + MEASURE_MS) {
      const due = Math.floor(((performance.now() - since) * perSecond) / 1_000) - sent.length;
      const at = wall + performance.now();
      if (due > 0) {
        for (let i = 0; i < due; i += 1) sent.push(at);
        await stack.send(
          topic,
          sent.length % 4,
          Array.from({ length: due }, () => ({ at: Math.floor(at) })),
        );
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    await value
      .page()
      .waitForFunction(
        (count) => document.querySelector('data[data-role=value]')?.getAttribute('value') === count,
        String(sent.length),
      );
    const frames = await paints.evaluate((seen) => seen);
    const latencies: number[] = [];
    let frame = 0;
    sent.forEach((at, n) => {
      while (frame < frames.length && (frames[frame]?.count ?? 0) < n + 1) frame += 1;
      const painted = frames[frame];
      if (painted && at - (sent[0] ?? 0) > WARM_UP_MS) latencies.push(painted.at - at);
    });
    latencies.sort((a, b) => a - b);
    const quantile = (q: number) => latencies[Math.floor(q * (latencies.length - 1))] ?? NaN;

    await page.getByRole('region').getByRole('button').click();
    const rows = page.getByRole('dialog').getByRole('table').first().locator('tbody tr');
    await rows.first().waitFor();
    const hops = await rows.evaluateAll((list) =>
      list.map((row) => {
        const [name, p50, p95] = [...row.querySelectorAll('td')].map(
          (cell) => cell.textContent?.trim() ?? '',
        );
        return { name: name ?? '', p50: p50 ?? '', p95: p95 ?? '' };
      }),
    );
    return {
      perSecond,
      cadence: 'calm',
      samples: latencies.length,
      total: { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99) },
      hops,
    };
  } finally {
    await browser.close();
    await stack.close();
  }
}
