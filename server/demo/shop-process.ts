import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ShopCommand, ShopReply } from '#lib/contracts/rest.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { shopLineSchema } from './shop-protocol.ts';

/** A shop that has not ended by then after its input was closed is killed. */
const KILL_AFTER_MS = 2_500;
const REPLY_WITHIN_MS = 3_000;
const MAIN = fileURLToPath(new URL('../shop-main.ts', import.meta.url));

export interface ShopProcessOptions {
  readonly brokers: readonly string[];
  readonly stateFile: string;
  readonly rate: number;
  /** Where the shop writes its log lines. */
  readonly logFile: string;
}

interface Question {
  readonly answer: (reply: ShopReply) => void;
  readonly timer: NodeJS.Timeout;
}

/** The shop as a child process, and the way to talk to it. */
export class ShopProcess {
  readonly #options: ShopProcessOptions;
  readonly #questions = new Map<number, Question>();
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  #asked = 0;
  #child: ChildProcess | null = null;

  constructor(options: ShopProcessOptions) {
    this.#options = options;
  }

  /** Resolves once the shop has made its topics and begins to send. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Runs one shop until `signal` aborts; rejects when it ends before. The child is gone when this settles. */
  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { brokers, stateFile, rate, logFile } = this.#options;
    const child = spawn(
      process.execPath,
      [
        MAIN,
        '--brokers',
        brokers.join(','),
        '--state',
        stateFile,
        '--rate',
        String(rate),
        '--log',
        logFile,
      ],
      // A process group of its own: Ctrl-C reaches us, and the end of its input reaches the shop.
      { stdio: ['pipe', 'pipe', 'ignore'], detached: true },
    );
    let reason = 'it ended by itself';
    child.stdin.on('error', () => {}); // it is gone: `exit` tells
    createInterface({ input: child.stdout }).on('line', (line) => {
      const failed = this.#hear(line);
      if (failed !== null) reason = failed;
    });
    this.#child = child;
    let killing: NodeJS.Timeout | undefined;
    const stop = () => {
      child.stdin.end();
      killing = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
    };
    signal.addEventListener('abort', stop, { once: true });
    await new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.once('error', (error) => {
        reason = error.message;
        resolve();
      });
    });
    signal.removeEventListener('abort', stop);
    clearTimeout(killing);
    this.#child = null;
    this.#giveUp();
    if (!signal.aborted) throw new AppError('internal', `The shop stopped: ${reason}.`);
  }

  /** Asks the shop to do something; a shop that is not there or does not answer within 3 s says so in the reply. */
  command(command: ShopCommand): Promise<ShopReply> {
    const child = this.#child;
    if (child === null || child.stdin === null)
      return Promise.resolve({ ok: false, message: 'The shop is not running right now.' });
    this.#asked += 1;
    const id = this.#asked;
    child.stdin.write(`${JSON.stringify({ id, command })}\n`);
    return new Promise((answer) => {
      const timer = setTimeout(() => this.#answer(id, NO_ANSWER), REPLY_WITHIN_MS);
      this.#questions.set(id, { answer, timer });
    });
  }

  /** The reason when the line tells of a failure. */
  #hear(line: string): string | null {
    const heard = shopLineSchema.safeParse(parseJson(line)).data;
    if (heard === undefined) return null;
    if ('failed' in heard) return heard.failed;
    if ('ready' in heard) this.#ready.resolve();
    else this.#answer(heard.id, heard.reply);
    return null;
  }

  #answer(id: number, reply: ShopReply): void {
    const question = this.#questions.get(id);
    if (question === undefined) return;
    this.#questions.delete(id);
    clearTimeout(question.timer);
    question.answer(reply);
  }

  #giveUp(): void {
    for (const id of [...this.#questions.keys()]) this.#answer(id, NO_ANSWER);
  }
}

const NO_ANSWER: ShopReply = { ok: false, message: 'The shop did not answer.' };

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
