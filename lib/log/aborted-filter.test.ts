import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AbortedFilter, type AbortedTransaction } from '#lib/log/aborted-filter.ts';
import { readBatchHeader, type BatchHeader } from '#lib/log/batch-header.ts';
import { encodeBatch } from '#lib/log/encode-batch.ts';

const ABORT = 0;
const COMMIT = 1;

function header(
  baseOffset: number,
  producerId: number,
  kind: 'plain' | 'transactional' | 'control',
): BatchHeader {
  const bytes = encodeBatch({
    baseOffset,
    records: [{ key: null, value: null, timestamp: 0 }],
    producerId,
    isTransactional: kind !== 'plain',
    isControl: kind === 'control',
  });
  return readBatchHeader(new DataView(bytes.buffer), 0);
}

describe('AbortedFilter', () => {
  test('[LR5] passes over batches of an aborted transaction until its marker, and counts the next one again', () => {
    const filter = new AbortedFilter([{ producerId: 7, firstOffset: 1 }]);
    expect(filter.isData(header(0, 7, 'transactional'), null)).toBe(true);
    expect(filter.isData(header(1, 7, 'transactional'), null)).toBe(false);
    expect(filter.isData(header(2, 8, 'transactional'), null)).toBe(true);
    expect(filter.isData(header(3, 7, 'control'), ABORT)).toBe(false);
    expect(filter.isData(header(4, 7, 'transactional'), null)).toBe(true);
  });

  test('[LR5] a commit marker of another transaction does not end the abort', () => {
    const filter = new AbortedFilter([{ producerId: 7, firstOffset: 0 }]);
    expect(filter.isData(header(0, 7, 'transactional'), null)).toBe(false);
    expect(filter.isData(header(1, 8, 'control'), COMMIT)).toBe(false);
    expect(filter.isData(header(2, 7, 'transactional'), null)).toBe(false);
  });

  test('[LR5] plain batches of a producer that also aborts count', () => {
    const filter = new AbortedFilter([{ producerId: 7, firstOffset: 0 }]);
    expect(filter.isData(header(0, 7, 'plain'), null)).toBe(true);
  });

  test('[LR5] an abort that began before the answer does not need its first batch in it', () => {
    const filter = new AbortedFilter([{ producerId: 7, firstOffset: 3 }]);
    expect(filter.isData(header(10, 7, 'transactional'), null)).toBe(false);
  });

  test('[LR5] for every interleaving exactly the batches of committed transactions and plain ones count', () => {
    // Each step: a producer writes plainly, writes in its transaction, commits or aborts it.
    const step = fc.record({
      producer: fc.nat(3),
      action: fc.constantFrom('plain', 'write', 'commit', 'abort'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(20), (steps, from) => {
        const log: { header: BatchHeader; type: number | null; transaction: object | null }[] = [];
        const open = new Map<number, { firstOffset: number }>();
        const aborted: (AbortedTransaction & { marker: number })[] = [];
        const outcomes = new Map<object, 'commit' | 'abort'>();
        for (const { producer, action } of steps) {
          const offset = log.length;
          if (action === 'plain') {
            log.push({ header: header(offset, producer, 'plain'), type: null, transaction: null });
          } else if (action === 'write') {
            const transaction = open.get(producer) ?? { firstOffset: offset };
            open.set(producer, transaction);
            log.push({
              header: header(offset, producer, 'transactional'),
              type: null,
              transaction,
            });
          } else if (open.has(producer)) {
            const transaction = open.get(producer)!;
            open.delete(producer);
            outcomes.set(transaction, action);
            const type = action === 'abort' ? ABORT : COMMIT;
            if (action === 'abort')
              aborted.push({
                producerId: producer,
                firstOffset: transaction.firstOffset,
                marker: offset,
              });
            log.push({ header: header(offset, producer, 'control'), type, transaction: null });
          }
        }
        const stable = Math.min(log.length, ...[...open.values()].map((t) => t.firstOffset));
        const answer = log.slice(from, stable);
        const filter = new AbortedFilter(aborted.filter(({ marker }) => marker >= from));
        for (const { header: h, type, transaction } of answer) {
          const counts =
            !h.isControl && (transaction === null || outcomes.get(transaction) === 'commit');
          expect(filter.isData(h, type)).toBe(counts);
        }
      }),
    );
  });
});
