import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { randomBytes } from 'node:crypto';
import { AppError } from '#lib/errors/app-error.ts';
import { KafkaCluster } from '#server/kafka/kafka-cluster.ts';
import { endWithParent } from '#server/lifecycle/end-with-parent.ts';
import { pause } from '#server/lifecycle/pause.ts';
import { systemClock as clock } from '#server/lifecycle/system-clock.ts';
import type { Cluster } from '#server/ports/cluster.ts';
import type { TopicCatalog } from '#server/ports/topic-catalog.ts';
import { openLogger } from '#server/telemetry/open-logger.ts';
import { Shop } from '#server/demo/shop.ts';
import { shopOrderSchema } from '#server/demo/shop-protocol.ts';
import { tableRows } from '#server/demo/shop-tables.ts';
import { CUSTOMERS_TOPIC, SHOP_TOPICS } from '#server/demo/shop-topics.ts';

/** How long the last append may take when the shop is told to stop; the cluster may be down. */
const LAST_APPEND_MS = 1_000;

/**
 * The shop's process: topics and tables first, then events until standard input ends. Orders come in as JSON lines, replies and the word that it is
 * ready go out as JSON lines.
 */
const { values } = parseArgs({
  options: {
    brokers: { type: 'string' },
    state: { type: 'string' },
    rate: { type: 'string', default: '200' },
    steady: { type: 'boolean', default: false },
    seed: { type: 'string' },
    log: { type: 'string' },
  },
});
const { brokers, state } = values;
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
const stopper = new AbortController();
process.stdout.on('error', () => stopper.abort()); // nobody hears us any more
process.on('SIGINT', () => stopper.abort());
process.on('SIGTERM', () => stopper.abort());

if (brokers === undefined || state === undefined) {
  say({ failed: 'the shop needs --brokers and --state' });
  process.exitCode = 2;
} else {
  const logger = openLogger({
    level: 'info',
    file: values.log ?? null,
    clock,
    facts: { role: 'shop' },
  });
  const settings = { brokers: brokers.split(','), clientId: 'freshet-shop' };
  const cluster = new KafkaCluster({ name: 'main', settings, clock, logger });
  endWithParent(process.stdin, () => stopper.abort());
  try {
    await runShop(cluster, logger, { state, signal: stopper.signal });
  } catch (error) {
    logger.error('shop:failed', { error });
    say({ failed: error instanceof AppError ? error.message : String(error) });
    process.exitCode = 1;
  }
  logger.close();
  process.stdin.destroy();
}

async function runShop(
  cluster: Cluster,
  logger: ReturnType<typeof openLogger>,
  { state: stateFile, signal }: { readonly state: string; readonly signal: AbortSignal },
): Promise<void> {
  const catalog = await cluster.openCatalog();
  const writer = await cluster.openWriter();
  try {
    const partitions = await prepareTopics(catalog);
    const shop = await Shop.open({
      writer,
      clock,
      logger,
      stateFile,
      seed: values.seed ?? randomBytes(3).toString('hex'),
      rate: Number(values.rate),
      steady: values.steady,
      partitions,
    });
    const [customers] = await catalog.ends(CUSTOMERS_TOPIC);
    if (customers?.end === 0) await writer.append(tableRows(shop.seed, clock.now()));
    createInterface({ input: process.stdin }).on('line', (line) => {
      const order = shopOrderSchema.safeParse(parseJson(line)).data;
      if (order !== undefined) say({ id: order.id, reply: shop.command(order.command) });
    });
    say({ ready: true, seed: shop.seed });
    const ended = new AbortController();
    signal.addEventListener('abort', () => {
      void pause(LAST_APPEND_MS, ended.signal).then(() => writer.close());
    });
    await shop.run(signal);
    ended.abort();
  } finally {
    await Promise.allSettled([writer.close(), catalog.close()]);
  }
}

/** Creates what is absent; partitions per topic, as they really are. */
async function prepareTopics(catalog: TopicCatalog): Promise<ReadonlyMap<string, number>> {
  await catalog.ensure(SHOP_TOPICS);
  const { topics } = await catalog.describe(SHOP_TOPICS.map(({ topic }) => topic));
  return new Map(
    topics.map((topic) => [topic.topic, topic.kind === 'present' ? topic.partitions.length : 1]),
  );
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
