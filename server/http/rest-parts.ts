import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Viewer } from '#lib/access/authorize.ts';
import type { ShopCommand, ShopReply, Status } from '#lib/contracts/rest.ts';
import type { Clock } from '#lib/time/instant.ts';
import type { Definitions } from '#server/ports/definitions.ts';
import type { HubStore } from '#server/ports/hub-store.ts';
import type { Logger } from '#server/ports/logger.ts';
import type { MetricView } from '#server/ports/metric-view.ts';

/** What REST reads from and acts on. */
export interface RestParts {
  readonly view: MetricView;
  readonly definitions: Definitions;
  readonly store: Pick<HubStore, 'values' | 'definitions'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly viewerOf: (request: IncomingMessage) => Viewer;
  readonly status: () => Status;
  /** Sentences that say why this hub cannot serve right now; empty when it can (caught up, cluster answers). */
  readonly notReady: () => readonly string[];
  /** Only where the demo's shop runs. */
  readonly shop?: { command(command: ShopCommand): Promise<ShopReply> };
}

export type Rest = Hono<{ Bindings: HttpBindings }>;
