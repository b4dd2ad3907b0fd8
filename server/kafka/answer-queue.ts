import type { LogAnswer } from '#server/ports/log-reader.ts';
import { Bell } from './bell.ts';

interface Offer {
  /** What is left of the answer at the moment it is wanted; null when all of it was assigned anew meanwhile. */
  readonly answer: () => LogAnswer | null;
  readonly settle: (outcome: 'taken' | 'dropped') => void;
}

/**
 * Hands answers from the loops that fetch them to the one loop that reads them. It holds no more than its callers offer: each waits until its
 * answer is taken, which it is when the reader asks for the next one.
 */
export class AnswerQueue {
  readonly #offers: Offer[] = [];
  readonly #bell = new Bell();
  #isClosed = false;

  /** Resolves when the reader has finished with it, or when it will never look at it. */
  offer(answer: () => LogAnswer | null): Promise<'taken' | 'dropped'> {
    if (this.#isClosed) return Promise.resolve('dropped');
    return new Promise((settle) => {
      this.#offers.push({ answer, settle });
      this.#bell.ring();
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const { settle } of this.#offers.splice(0)) settle('dropped');
    this.#bell.ring();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogAnswer, void, void> {
    while (!this.#isClosed) {
      const offer = this.#offers.shift();
      if (offer === undefined) {
        await this.#bell.wait();
        continue;
      }
      const answer = offer.answer();
      let outcome: 'taken' | 'dropped' = 'dropped';
      try {
        if (answer !== null) {
          yield answer;
          outcome = 'taken';
        }
      } finally {
        offer.settle(outcome); // also when the reader leaves its loop here
      }
    }
  }
}
