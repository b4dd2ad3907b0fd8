import type { ShopCommand, ShopReply } from '#lib/contracts/rest.ts';
import { topicOf } from './shop-topics.ts';
import {
  FAILURE_RATIO,
  OUTAGE_RATIO,
  PROVIDERS,
  SHOP_STREAMS,
  type Provider,
  type ShopEvent,
  type ShopStream,
} from './shop-world.ts';

/** What goes wrong in the shop on request: providers whose payments fail, streams that have gone quiet. */
export class ShopConditions {
  readonly #failing = new Set<Provider>();
  readonly #quiet = new Set<ShopStream>();

  isQuiet(stream: ShopStream): boolean {
    return this.#quiet.has(stream);
  }

  fails(event: ShopEvent): boolean {
    if (event.provider === null) return false;
    return event.luck < (this.#failing.has(event.provider) ? OUTAGE_RATIO : FAILURE_RATIO);
  }

  /** Carries out everything but `status`; the reply is a sentence. */
  change({ action, what }: ShopCommand): ShopReply {
    if (action === 'fail') return this.#fail(what);
    if (action === 'quiet') return this.#silence(what);
    if (action === 'recover') return this.#recover(what);
    return { ok: true, message: this.sentence() };
  }

  sentence(): string {
    const parts = [
      ...[...this.#failing].map((provider) => `${provider} fails`),
      ...[...this.#quiet].map((stream) => `${topicOf(stream)} is quiet`),
    ];
    return parts.length === 0 ? 'Everything is well.' : `${parts.join(', ')}.`;
  }

  #fail(what: string): ShopReply {
    const provider = PROVIDERS.find((name) => name === what);
    if (provider === undefined) return refusal(what, 'provider', PROVIDERS);
    this.#failing.add(provider);
    const share = Math.round(OUTAGE_RATIO * 100);
    return { ok: true, message: `${share} % of the payments with ${provider} fail from now on.` };
  }

  #silence(what: string): ShopReply {
    const stream = streamOf(what);
    if (stream === undefined) return refusal(what, 'stream', SHOP_STREAMS);
    this.#quiet.add(stream);
    return { ok: true, message: `Nothing is sent to ${topicOf(stream)} from now on.` };
  }

  #recover(what: string): ShopReply {
    if (what === 'all') {
      this.#failing.clear();
      this.#quiet.clear();
      return { ok: true, message: 'Everything is well again.' };
    }
    const provider = PROVIDERS.find((name) => name === what);
    const stream = streamOf(what);
    if (provider !== undefined) this.#failing.delete(provider);
    else if (stream !== undefined) this.#quiet.delete(stream);
    else return refusal(what, 'provider or stream', [...PROVIDERS, ...SHOP_STREAMS]);
    return { ok: true, message: `${provider ?? topicOf(stream ?? 'orders')} is well again.` };
  }
}

/** By name, with or without the topic's prefix; `page-views` is `page_views`. */
const streamOf = (what: string): ShopStream | undefined =>
  SHOP_STREAMS.find((stream) => stream === what.replace(/^shop\./, '').replaceAll('-', '_'));

const refusal = (what: string, kind: string, known: readonly string[]): ShopReply => ({
  ok: false,
  message: `The shop has no ${kind} "${what}". It knows ${known.join(', ')}.`,
});
