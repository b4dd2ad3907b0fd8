import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Viewer } from '#lib/access/authorize.ts';
import type { Status } from '#lib/contracts/rest.ts';
import { topicNames } from '#lib/contracts/topics.ts';
import type { ShopProcess } from '#server/demo/shop-process.ts';
import { openFeed } from '#server/feed/open-feed.ts';
import { ensureBuild } from '#server/http/ensure-build.ts';
import { makeRest } from '#server/http/make-rest.ts';
import { openNextApp } from '#server/http/next-app.ts';
import { openHttpServer } from '#server/http/open-http-server.ts';
import { DefinitionService } from '#server/hub/definitions/definition-service.ts';
import { openHub, type Hub } from '#server/hub/hub.ts';
import { alwaysGranted } from '#server/lifecycle/always-granted.ts';
import { leaveHubAddress, takeHubAddressAway } from '#server/lifecycle/hub-address.ts';
import { pause } from '#server/lifecycle/pause.ts';
import { supervise } from '#server/lifecycle/supervise.ts';
import type { Clock } from '#lib/time/instant.ts';
import type { Cluster } from '#server/ports/cluster.ts';
import type { HubStore } from '#server/ports/hub-store.ts';
import { openHubStore } from '#server/store/hub-store.ts';
import type { World } from '#server/world.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Tried first when nobody asked for a port. */
const PORT = 3000;

/** Whoever reaches the loopback address owns this Freshet; other addresses are refused until there is sign-in. */
const owner = (): Viewer => ({ kind: 'local-owner' });

export interface HubPart {
  readonly hub: Hub;
  readonly definitions: DefinitionService;
  readonly store: HubStore;
}

/** Opens the hub's store and starts definitions and hub on it. */
export async function openHubPart(world: World, cluster: Cluster): Promise<HubPart> {
  const { clock, config, instance, logger, parts, steps } = world;
  const { dataDir, prefix } = config;
  const store = await openHubStore({ file: join(dataDir, 'hub.db') });
  parts.add('hub-store', () => store.close());
  const writer = await cluster.openWriter();
  parts.add('definitions-writer', () => writer.close());
  const topic = topicNames(prefix).definitions;
  const definitions = await DefinitionService.load({ store, writer, topic, clock, logger });
  const hub = openHub({
    cluster,
    store,
    definitions,
    clock,
    logger,
    prefix,
    instance,
    lease: alwaysGranted,
  });
  const supervision = { clock, logger };
  parts.run('definitions', (signal) =>
    supervise('definitions', (stop) => definitions.run(stop), signal, supervision),
  );
  parts.run('hub', (signal) => supervise('hub', (stop) => hub.run(stop), signal, supervision));
  await steps.step('Opening the store', async () => `Store ${join(dataDir, 'hub.db')}`);
  return { hub, definitions, store };
}

export interface Serving {
  readonly about: Pick<Status, 'brokers' | 'role' | 'demo'>;
  /** Null where no shop runs. */
  readonly shop: ShopProcess | null;
  readonly dev: boolean;
}

/** Opens feed, REST and pages on one port and leaves the address for the command line; resolves with it. */
export async function serveHub(
  world: World,
  { hub, definitions, store }: HubPart,
  { about, shop, dev }: Serving,
): Promise<string> {
  const { clock, config, instance, logger, parts, steps, version } = world;
  const { dataDir, http, prefix } = config;
  const publicHosts: readonly string[] = [];
  const feed = openFeed({ view: hub, definitions, clock, logger, viewerOf: owner, publicHosts });
  parts.add('feed', () => feed.close());
  const status = (): Status => {
    const { isReachable, answeredAt, clockErrorMs, counts } = hub.status();
    return {
      ...about,
      version,
      node: process.versions.node,
      instance,
      prefix,
      cluster: { reachable: isReachable, answeredAt, clockErrorMs },
      metrics: definitions.metrics().length,
      boards: definitions.boards().length,
      screens: feed.screens(),
      counts,
    };
  };
  const rest = makeRest({
    view: hub,
    definitions,
    store,
    clock,
    logger,
    viewerOf: owner,
    status,
    notReady: () => [
      ...(hub.ready() ? [] : ['The metric topic is not read to its end yet.']),
      ...(hub.status().isReachable ? [] : ['The cluster does not answer.']),
    ],
    ...(shop === null ? {} : { shop }),
  });
  let url = '';
  await steps.step('Opening the pages', async () => {
    await settled(hub, clock);
    const next = await openNextApp({ root: ROOT, dev, host: http.host });
    parts.add('pages', () => next.close());
    const server = await openHttpServer({
      host: http.host,
      port: http.port ?? PORT,
      strictPort: http.port !== null,
      publicHosts,
      rest,
      feed,
      next,
      logger,
    });
    parts.add('http', () => server.close());
    url = server.url;
    return `Hub on ${url}`;
  });
  leaveHubAddress(dataDir, { url, pid: process.pid, startedAt: clock.now() });
  parts.add('address', () => takeHubAddressAway(dataDir));
  return url;
}

/** How long the pages wait for a hub that reads its topics: longer only when Kafka is away, and then people want to see that. */
const SETTLE_MS = 3_000;

/** A screen that comes back to a restarted hub keeps its numbers until there are new ones: the hub listens once it can serve. */
async function settled(hub: Hub, clock: Clock): Promise<void> {
  const deadline = clock.monotonic() + SETTLE_MS;
  while (!hub.ready() && clock.monotonic() < deadline)
    await pause(20, new AbortController().signal);
}

/** Builds the pages where that is needed. */
export async function buildPages(
  { clock, steps }: World,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  await steps.step('Looking at the pages', async (now) => {
    const onProgress = () => now('Building the pages, which takes a moment');
    const outcome = await ensureBuild({ root: ROOT, env, clock, onProgress, signal });
    return outcome === 'built' ? 'Pages built' : 'Pages are up to date';
  });
}
