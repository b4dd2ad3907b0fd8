import type { Clock } from '#lib/time/instant.ts';
import type { Steps } from '#server/cli/steps.ts';
import type { Config } from '#server/config/load-config.ts';
import type { Parts } from '#server/lifecycle/parts.ts';
import type { Logger } from '#server/ports/logger.ts';

/** What the parts of a composition root share. */
export interface World {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where whoever opens or starts something registers it. */
  readonly parts: Parts;
  /** Progress for people; silent in `start`. */
  readonly steps: Steps;
  /** Version of the package, and the name of this build in metric records. */
  readonly version: string;
  readonly build: string;
  /** New for every start. */
  readonly instance: string;
}
