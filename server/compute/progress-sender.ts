import { progressKey } from '#lib/contracts/progress.ts';
import { isRetryable } from '#lib/errors/app-error.ts';
import type { Clock } from '#lib/time/instant.ts';
import type { TaskRunner } from '#server/compute/task-runner.ts';
import { pause } from '#server/lifecycle/pause.ts';
import type { LogAcks, LogWriter } from '#server/ports/log-writer.ts';

/** Progress goes out this often at most while values flow, and this often at least (SEMANTICS 4.2 asks for one a second). */
const AT_MOST_EVERY_MS = 200;
const AT_LEAST_EVERY_MS = 500;

/**
 * Sends the progress of all metrics in one append: after complete cuts, and when nothing happens. It is read at the moment of sending, so a slow
 * broker gets the newest and nothing queues. It never overtakes values (PB4): a cut is complete only when they are acknowledged.
 */
export class ProgressSender {
  readonly #parts: {
    readonly writer: LogWriter;
    readonly topic: string;
    readonly clock: Clock;
    readonly onAcks: (acks: LogAcks) => void;
  };
  #due: AbortController | null = null;
  #rung = false;

  constructor(parts: {
    writer: LogWriter;
    topic: string;
    clock: Clock;
    onAcks: (acks: LogAcks) => void;
  }) {
    this.#parts = parts;
  }

  /** Something is worth telling soon. */
  ring(): void {
    this.#rung = true;
    this.#due?.abort();
  }

  async run(runners: () => readonly TaskRunner[], signal: AbortSignal): Promise<void> {
    const { writer, topic, clock, onAcks } = this.#parts;
    while (!signal.aborted) {
      const records = runners()
        .flatMap((runner) => runner.progress(clock.monotonic()))
        .map((progress) => ({
          key: progressKey(progress.metric, progress.version),
          value: JSON.stringify(progress),
        }));
      this.#rung = false;
      try {
        if (records.length > 0) onAcks(await writer.append([{ topic, partition: 0, records }]));
      } catch (error) {
        if (!isRetryable(error)) throw error;
      }
      await pause(AT_MOST_EVERY_MS, signal);
      if (this.#rung) continue;
      this.#due = new AbortController();
      await pause(
        AT_LEAST_EVERY_MS - AT_MOST_EVERY_MS,
        AbortSignal.any([signal, this.#due.signal]),
      );
      this.#due = null;
    }
  }
}
