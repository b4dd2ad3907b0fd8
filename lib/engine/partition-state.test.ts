import { describe, expect, test } from 'vitest';
import { PartitionState, type PartitionJson } from './partition-state.ts';

const AHEAD = 60_000;
const SIZE = 10_000;
const LATENESS = 5_000;
const BASE = 1_700_000_000_000;
const at = (n: number) => BASE + n * SIZE;

const open = (next = 0) =>
  PartitionState.fresh({ topic: 'pay', partition: 0, id: 'a1', next }, AHEAD);
/** What a checkpoint and a start make of it. */
const reborn = (partition: PartitionState) =>
  new PartitionState(JSON.parse(JSON.stringify(partition.json())) as PartitionJson, AHEAD);
const take = (partition: PartitionState, eventAt: number) => {
  const partialBefore = partition.noteEvent(eventAt);
  partition.clock.advance(eventAt);
  partition.next += 1;
  return partialBefore;
};
/** The windows 0 to 9 that are partial. */
const partials = (partition: PartitionState) =>
  Array.from({ length: 10 }, (_, n) => n).filter((n) =>
    partition.isPartial(at(n), at(n + 1), LATENESS),
  );

describe('a partition whose unread records retention deleted', () => {
  test('[WN9] counts them as missing and goes on behind them', () => {
    const partition = open();
    take(partition, at(0));
    partition.skipTo(7);
    expect(partition.range()).toEqual({ id: 'a1', from: 0, next: 7, missing: 6 });
    take(partition, at(1));
    partition.skipTo(10);
    expect(partition.range()).toEqual({ id: 'a1', from: 0, next: 10, missing: 8 });
  });

  test('[WN9] windows open across the gap are partial, those closed before it and begun after it are not', () => {
    const partition = open();
    take(partition, at(2) + 4_999);
    partition.skipTo(20);
    // Until an event shows where the gap ends nothing is said.
    expect(partials(partition)).toEqual([]);
    expect(take(partition, at(5) + 1)).toBe(at(5) + 1);
    // Window 1 closes at its end + lateness, one millisecond after the clock before the gap.
    expect(partials(partition)).toEqual([1, 2, 3, 4, 5]);
    expect(take(partition, at(7))).toBeNull();
    expect(partials(partition)).toEqual([1, 2, 3, 4, 5]);
  });

  test('[WN9] a window that closed by the clock before the gap, to the millisecond, is whole, as is one that begins with the first event after it', () => {
    const partition = open();
    take(partition, at(2) + LATENESS);
    partition.skipTo(20);
    take(partition, at(5));
    expect(partials(partition)).toEqual([2, 3, 4]);
  });

  test('[WN9] a gap before any event leaves every window before the first event partial', () => {
    const partition = open();
    partition.skipTo(3);
    expect(take(partition, at(4) + 1)).toBe(at(4) + 1);
    expect(partials(partition)).toEqual([0, 1, 2, 3, 4]);
  });

  test('[WN9] two gaps without an event between them are as one, and each of several counts', () => {
    const twice = open();
    take(twice, at(2));
    twice.skipTo(5);
    twice.skipTo(9);
    take(twice, at(4));
    const once = open();
    take(once, at(2));
    once.skipTo(9);
    take(once, at(4));
    expect(twice.range()).toEqual(once.range());
    expect(partials(twice)).toEqual(partials(once));
    once.skipTo(30);
    take(once, at(8) + 1);
    expect(partials(once)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('[WN8, WN9] a partition read from above offset 0 keeps both reasons apart', () => {
    const partition = open(5);
    expect(take(partition, at(1) + 1)).toBe(at(1) + 1);
    expect(partials(partition)).toEqual([0, 1]);
    take(partition, at(4));
    partition.skipTo(20);
    take(partition, at(6));
    expect(partials(partition)).toEqual([0, 1, 3, 4, 5]);
    expect(partition.range()).toEqual({ id: 'a1', from: 5, next: 21, missing: 13 });
  });

  test('[WN9] nothing of it is lost in a checkpoint, also between the gap and the event after it', () => {
    const partition = open();
    take(partition, at(2));
    partition.skipTo(8);
    const between = reborn(partition);
    expect(between.json()).toEqual(partition.json());
    for (const one of [partition, between]) expect(take(one, at(4))).toBe(at(4));
    expect(between.json()).toEqual(partition.json());
    const after = reborn(between);
    expect(after.range()).toEqual({ id: 'a1', from: 0, next: 9, missing: 7 });
    expect(partials(after)).toEqual([1, 2, 3]);
    expect(partials(after)).toEqual(partials(partition));
  });
});
