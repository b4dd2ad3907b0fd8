import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HistoryRow } from '#server/ports/hub-store.ts';
import type { LogRecord } from '#server/ports/log-writer.ts';
import { claimRecord, MINUTE, NOON, valueRecord, VERSION } from './fixtures/hub-records.ts';
import { ValuesFold } from './values-fold.ts';

const writer = fc.record({
  generation: fc.integer({ min: 1, max: 3 }),
  instance: fc.constantFrom('a', 'b'),
});
const record: fc.Arbitrary<LogRecord> = fc.oneof(
  { weight: 1, arbitrary: writer.map((by) => claimRecord(by)) },
  {
    weight: 6,
    arbitrary: fc
      .record({
        start: fc.integer({ min: -400, max: 3 }).map((n) => NOON + n * MINUTE),
        dims: fc.constantFrom({}, { p: 'a' }, { p: 'b' }),
        value: fc.integer(),
        withdrawn: fc.boolean(),
        by: fc.option(writer),
      })
      .map(valueRecord),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: -3, max: 3 })
      .map((n) => ({ ...valueRecord({ start: NOON + n * MINUTE }), value: null })),
  },
);

function applyAll(fold: ValuesFold, log: readonly LogRecord[], from: number): HistoryRow[] {
  const rows: HistoryRow[] = [];
  log.slice(from).forEach(({ key, value }, index) => {
    const logged = { partition: 0, offset: from + index, appendedAt: NOON, key, text: value };
    const applied = fold.apply(logged, NOON + MINUTE);
    if (applied.kind === 'value') rows.push(applied.row);
  });
  return rows;
}

const held = (fold: ValuesFold) =>
  fold
    .points('orders', VERSION, 0)
    .map(({ start, dims, value }) => `${start} ${dims} ${String(value)}`)
    .sort();

test('[HB7] a fold restored from its rows and position goes on as if it had never stopped', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 60 }), fc.nat(60), (log, stop) => {
      const whole = new ValuesFold();
      whole.follow(0, 0);
      applyAll(whole, log, 0);

      const before = new ValuesFold();
      before.follow(0, 0);
      const cut = Math.min(stop, log.length);
      const rows = applyAll(before, log.slice(0, cut), 0);
      const after = new ValuesFold();
      after.follow(0, before.next(0) ?? 0, before.claimsText(0));
      const newest = new Map(rows.map((row) => [`${row.start} ${row.dims}`, row]));
      for (const row of [...newest.values()].sort((a, b) => a.offset - b.offset))
        after.restore(row, NOON + MINUTE);
      applyAll(after, log, cut);

      expect(held(after)).toEqual(held(whole));
      expect(after.claimsText(0)).toBe(whole.claimsText(0));
    }),
  );
});
