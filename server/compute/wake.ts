/** Lets one loop wait for work without polling: `ring` while nobody waits is remembered once. */
export class Wake {
  #rung = false;
  #waiting: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#waiting?.();
  }

  /** Resolves at the next ring, at once if it rang since the last wait, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#rung = false;
        this.#waiting = null;
        signal.removeEventListener('abort', done);
        resolve();
      };
      if (this.#rung || signal.aborted) {
        done();
        return;
      }
      this.#waiting = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
