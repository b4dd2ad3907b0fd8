import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownTopics, topicNames } from '#lib/contracts/topics.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { readDefinitionFiles } from '#server/cli/definition-files.ts';
import type { Config } from '#server/config/load-config.ts';
import { ShopProcess } from '#server/demo/shop-process.ts';
import { SHOP_TOPICS } from '#server/demo/shop-topics.ts';
import { supervise } from '#server/lifecycle/supervise.ts';
import type { Definitions } from '#server/ports/definitions.ts';
import type { World } from '#server/world.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const EXAMPLES = join(ROOT, 'examples', 'shop');
/** Apply set of the examples: what people apply themselves stays apart from it. */
const EXAMPLE_SET = 'examples';

/** Refuses to let a demo loose on somebody's cluster unasked (DM2). */
export function refuseExternal(config: Config, isAllowed: boolean): void {
  if (config.brokers === null || isAllowed) return;
  const topics = [...ownTopics(topicNames(config.prefix)), ...SHOP_TOPICS].map((t) => t.topic);
  throw new AppError(
    'kafka/external-refused',
    `The demo would create ${topics.join(', ')} in the cluster of KAFKA_BROKERS and fill them. Add --allow-external if that is wanted, or unset KAFKA_BROKERS to use the embedded Kafka.`,
    { topics },
  );
}

/** Applies the example definitions where they are absent (DF11); resolves with what there is now, in words. */
export async function applyExamples(definitions: Definitions): Promise<string> {
  const { changes, problems } = await definitions.apply({
    set: EXAMPLE_SET,
    dryRun: false,
    onlyAbsent: true,
    takeOver: false,
    prune: false,
    files: [...(await readDefinitionFiles([EXAMPLES], ROOT))],
  });
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first !== undefined)
    throw new AppError(
      'definition/invalid',
      `The examples cannot be applied: ${first.file}:${first.line}:${first.column}: ${first.message}${first.fix === null ? '' : ` (${first.fix})`}.`,
      { problems: errors.length },
    );
  const created = changes.filter(({ action }) => action === 'create').length;
  return `${definitions.metrics().length} metrics on ${definitions.boards().length} ${definitions.boards().length === 1 ? 'board' : 'boards'}${created === 0 ? '' : `, ${created} definitions new`}`;
}

/** Starts the shop's process and keeps it running; resolves once it sends. */
export async function startShop(
  world: World,
  brokers: readonly string[],
  rate: number,
): Promise<ShopProcess> {
  const { clock, config, logger, parts, steps } = world;
  const shop = new ShopProcess({
    brokers,
    rate,
    stateFile: join(config.dataDir, 'shop.json'),
    logFile: join(config.dataDir, 'logs', 'shop.log'),
  });
  parts.run('shop', (signal) =>
    supervise('shop', (stop) => shop.run(stop), signal, {
      clock,
      logger,
      onRestart: (error) =>
        steps.note(
          `${error instanceof Error ? error.message : 'The shop stopped.'} Starting it again …`,
        ),
    }),
  );
  return shop;
}
