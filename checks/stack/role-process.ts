import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One line of a role's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly event?: string };

/** A role of the product as a process of its own, as operators run it; ends with this process (its standard input is our pipe). */
export class RoleProcess {
  readonly lines: LogLine[] = [];
  readonly #child: ChildProcess;
  readonly #waiters = new Set<() => void>();
  readonly #tail: string[] = [];
  ended: { readonly code: number | null; readonly signal: string | null } | null = null;

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, ['server/freshet.js', ...args], {
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface(stream).on('line', (line) => this.#take(line));
    }
    this.#child.once('exit', (code, signal) => {
      this.ended = { code, signal };
      for (const wake of this.#waiters) wake();
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** The last lines it said, for a failure's message. */
  get tail(): string {
    return this.#tail.join('\n');
  }

  /** Resolves when a log line of this event was seen, now or later; rejects when the process ends before. */
  async saw(event: string, timeoutMs = 30_000): Promise<LogLine> {
    await this.until(() => this.lines.some((line) => line.event === event), event, timeoutMs);
    const line = this.lines.find((one) => one.event === event);
    if (!line) throw new Error(`no ${event}`);
    return line;
  }

  async until(holds: () => boolean, what: string, timeoutMs = 30_000): Promise<void> {
    const deadline = AbortSignal.timeout(timeoutMs);
    while (!holds()) {
      if (this.ended)
        throw new Error(
          `The process ended (${JSON.stringify(this.ended)}) before: ${what}\n${this.tail}`,
        );
      if (deadline.aborted)
        throw new Error(`Not within ${String(timeoutMs)} ms: ${what}\n${this.tail}`);
      await this.#change(deadline);
    }
  }

  /** Resolves at its next line, its end, or the deadline. */
  #change(deadline: AbortSignal): Promise<void> {
    return new Promise<void>((resolve) => {
      const done = () => {
        this.#waiters.delete(done);
        deadline.removeEventListener('abort', done);
        resolve();
      };
      this.#waiters.add(done);
      deadline.addEventListener('abort', done);
    });
  }

  /** How it ended, of its own accord. */
  async gone(
    timeoutMs: number,
  ): Promise<{ readonly code: number | null; readonly signal: string | null }> {
    const deadline = AbortSignal.timeout(timeoutMs);
    while (!this.ended) {
      if (deadline.aborted)
        throw new Error(`Still running after ${String(timeoutMs)} ms.\n${this.tail}`);
      await this.#change(deadline);
    }
    return this.ended;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Sends a signal and waits for the end. */
  async end(name: NodeJS.Signals): Promise<void> {
    if (this.ended) return;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill(name);
    await gone;
  }

  #take(line: string): void {
    this.#tail.push(line.slice(0, 500));
    if (this.#tail.length > 30) this.#tail.shift();
    try {
      this.lines.push(JSON.parse(line) as LogLine);
    } catch {
      this.lines.push({ event: 'text', text: line });
    }
    for (const wake of this.#waiters) wake();
  }
}
