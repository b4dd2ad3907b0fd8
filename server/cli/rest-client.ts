import type { z } from 'zod';
import { restErrorSchema } from '#lib/contracts/rest.ts';
import { AppError } from '#lib/errors/app-error.ts';
import type { Config } from '#server/config/load-config.ts';
import { readHubAddress } from '#server/lifecycle/hub-address.ts';

/** Applying hundreds of definitions is checked and published within this. */
const REPLY_WITHIN_MS = 30_000;
const START_IT = 'Start it with `npx freshet demo` or `npx freshet start`.';

/** Talks REST to a running hub (CL1). */
export class RestClient {
  readonly #base: string;
  readonly #hint: string;

  /** Finds the hub: FRESHET_URL, else the address a hub left in the data folder. Throws `http/unreachable` when there is none. */
  static find(config: Config): RestClient {
    if (config.url !== null) return new RestClient(config.url, 'Check FRESHET_URL.');
    const address = readHubAddress(config.dataDir);
    if (address === null)
      throw new AppError(
        'http/unreachable',
        `No Freshet is running with the data in ${config.dataDir}. ${START_IT} Or set FRESHET_URL to where it runs.`,
      );
    return new RestClient(address.url, START_IT);
  }

  constructor(base: string, hint: string) {
    this.#base = base.endsWith('/') ? base : `${base}/`;
    this.#hint = hint;
  }

  get<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
    return this.#ask(path, { method: 'GET' }, schema);
  }

  post<S extends z.ZodType>(path: string, body: unknown, schema: S): Promise<z.infer<S>> {
    const headers = { 'content-type': 'application/json' };
    return this.#ask(path, { method: 'POST', headers, body: JSON.stringify(body) }, schema);
  }

  async #ask<S extends z.ZodType>(
    path: string,
    request: RequestInit,
    schema: S,
  ): Promise<z.infer<S>> {
    const { status, body } = await this.#exchange(path, request);
    const failure = restErrorSchema.safeParse(body);
    if (failure.success)
      throw new AppError(failure.data.error.code, failure.data.error.message, { status });
    // Whatever the status: refused definitions come as a reply of their own.
    const reply = schema.safeParse(body);
    if (reply.success) return reply.data;
    throw new AppError(
      'http/unreachable',
      `What answers at ${this.#base} is not a Freshet of this version (HTTP ${status}). ${this.#hint}`,
      { status },
    );
  }

  async #exchange(
    path: string,
    request: RequestInit,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    try {
      const signal = AbortSignal.timeout(REPLY_WITHIN_MS);
      const response = await fetch(new URL(path, this.#base), { ...request, signal });
      const text = await response.text();
      return { status: response.status, body: parseJson(text) };
    } catch (error) {
      throw new AppError(
        'http/unreachable',
        `No Freshet answers at ${this.#base}. ${this.#hint}`,
        {},
        error,
      );
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
