import { Worker } from 'node:worker_threads';
import { AppError } from '#lib/errors/app-error.ts';
import {
  CLOSE,
  type Operations,
  type StoreFailure,
  type StoreMessage,
  type StoreReply,
  type StoreRequest,
  type StoreThreadData,
} from './store-protocol.ts';

/** Requests the thread holds at once; more wait here in order. Enough to keep it busy, few enough to bound copies in flight. */
const IN_FLIGHT = 8;
/** Requests that may wait; past it a caller is refused, because nothing may queue without bound. */
const WAITING = 1_000;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
}
type Argument<F> = F extends (argument: infer A) => unknown ? A : never;
type Result<F> = F extends (argument: never) => infer R ? R : never;

const toError = (failure: StoreFailure, operation: string): AppError =>
  new AppError(failure.code, failure.message, { operation, detail: failure.detail });

/**
 * One store file behind a thread of its own. Requests are carried out one after another in the order they were made; each resolves
 * when it is committed. Whoever opens it closes it.
 */
export class StoreThread<T extends Operations<T>> {
  readonly #worker: Worker;
  readonly #file: string;
  readonly #pending = new Map<number, Pending & { readonly operation: string }>();
  readonly #waiting: { readonly request: StoreRequest; readonly pending: Pending }[] = [];
  readonly #exited: Promise<void>;
  #nextId = 1;
  #gone: AppError | null = null;
  #closing: Promise<void> | null = null;
  #onIdle: (() => void) | null = null;
  #closeFailure: StoreFailure | null = null;

  private constructor(worker: Worker, file: string) {
    this.#worker = worker;
    this.#file = file;
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        resolve();
        this.#fail(this.#lost('its thread ended'));
      });
    });
    worker.on('message', (reply: StoreReply) => {
      this.#receive(reply);
    });
    worker.on('error', (error) => {
      this.#fail(this.#lost('its thread failed', error));
    });
  }

  /** Rejects with `store/locked`, `store/newer` or `store/failed`; then no thread is left behind. */
  static async open<T extends Operations<T>>(
    entry: URL,
    data: StoreThreadData,
  ): Promise<StoreThread<T>> {
    const worker = new Worker(entry, { workerData: data, name: 'store', execArgv: [] });
    const first = await firstReply(worker, data.file);
    if (first.kind === 'refused') {
      await worker.terminate();
      throw toError(first.failure, 'open');
    }
    return new StoreThread<T>(worker, data.file);
  }

  call<N extends keyof T & string>(operation: N, argument: Argument<T[N]>): Promise<Result<T[N]>> {
    return new Promise<Result<T[N]>>((resolve, reject) => {
      const refusal = this.#refusal();
      if (refusal !== null) {
        reject(refusal);
        return;
      }
      const request: StoreRequest = { id: this.#nextId++, operation, argument };
      // The thread answers the operation it was asked for, so its value has the operation's type.
      const pending: Pending = { resolve: (value) => resolve(value as Result<T[N]>), reject };
      if (this.#pending.size < IN_FLIGHT) this.#send(request, pending);
      else this.#waiting.push({ request, pending });
    });
  }

  /** Waits for everything asked for so far, closes the file and ends the thread. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#pending.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    if (this.#gone === null) this.#worker.postMessage(CLOSE satisfies StoreMessage);
    await this.#exited;
    if (this.#closeFailure !== null) throw toError(this.#closeFailure, 'close');
  }

  #send(request: StoreRequest, pending: Pending): void {
    try {
      this.#worker.postMessage(request);
    } catch (error) {
      pending.reject(this.#lost(`the argument of "${request.operation}" cannot be copied`, error));
      return;
    }
    this.#pending.set(request.id, { ...pending, operation: request.operation });
  }

  #receive(reply: StoreReply): void {
    if (reply.kind === 'closed') {
      this.#closeFailure = reply.failure;
      return;
    }
    if (reply.kind !== 'done' && reply.kind !== 'failed') return;
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    this.#pending.delete(reply.id);
    while (this.#pending.size < IN_FLIGHT) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#send(next.request, next.pending);
    }
    if (reply.kind === 'done') pending.resolve(reply.value);
    else pending.reject(toError(reply.failure, pending.operation));
    if (this.#pending.size === 0) this.#onIdle?.();
  }

  #refusal(): AppError | null {
    if (this.#gone !== null) return this.#gone;
    if (this.#closing !== null) return this.#lost('it is being closed');
    if (this.#waiting.length < WAITING) return null;
    return this.#lost(`${WAITING} requests wait already; ask again when it has caught up`);
  }

  #lost(why: string, cause?: unknown): AppError {
    return new AppError(
      'store/failed',
      `The store ${this.#file} does not answer: ${why}.`,
      {},
      cause,
    );
  }

  #fail(error: AppError): void {
    this.#gone ??= error;
    const lost = [...this.#pending.values(), ...this.#waiting.map((each) => each.pending)];
    this.#pending.clear();
    this.#waiting.length = 0;
    for (const pending of lost) pending.reject(error);
    this.#onIdle?.();
  }
}

/** The thread's first word: that the file is open, or why not. */
function firstReply(worker: Worker, file: string): Promise<StoreReply> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      // By name: the worker keeps listeners of its own, which must stay.
      worker.off('message', heard).off('error', fail).off('exit', fail);
    };
    const heard = (reply: StoreReply): void => {
      stop();
      resolve(reply);
    };
    const fail = (cause: unknown): void => {
      stop();
      const message = `The store ${file} could not be opened: its thread ended. The log has the details.`;
      reject(new AppError('store/failed', message, {}, cause));
    };
    worker.on('message', heard).on('error', fail).on('exit', fail);
  });
}
