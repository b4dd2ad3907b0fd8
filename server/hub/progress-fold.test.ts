import { expect, test } from 'vitest';
import { first, progressOf, second, VERSION, type ProgressGiven } from './fixtures/hub-records.ts';
import { ProgressFold, type Reached } from './progress-fold.ts';

function openFold(start: Reached) {
  const hub = { reached: start };
  const fold = new ProgressFold(() => hub.reached);
  const offer = (given: ProgressGiven) => fold.offer(progressOf(given));
  const frontier = () => fold.of('orders', VERSION).usable?.frontier ?? null;
  return { hub, fold, offer, frontier };
}
const at = (offset: number) => ({ partition: 0, offset });

test('[HB10] progress counts once the hub has applied the values it speaks of', () => {
  const { hub, fold, offer, frontier } = openFold({ claim: first, next: 4 });
  offer({ through: at(5), frontier: 500 });
  expect(frontier()).toBeNull();
  expect(fold.settle()).toEqual([]);
  hub.reached = { claim: first, next: 5 };
  expect(fold.settle()).toEqual(['orders']);
  expect(frontier()).toBe(500);
  expect(fold.settle()).toEqual([]);
});

test.each([
  ['no claim was read', null],
  ['another instance holds the claim', { ...first, instance: 'compute-z' }],
])('[HB10] progress does not count while %s', (_, claim) => {
  const { fold, offer, frontier } = openFold({ claim, next: 100 });
  offer({ through: at(5) });
  expect(frontier()).toBeNull();
  expect(fold.of('orders', VERSION).newest).not.toBeNull();
});

test('[HB11] of what waits only the newest is kept, and the last usable one speaks meanwhile', () => {
  const { hub, fold, offer, frontier } = openFold({ claim: first, next: 5 });
  offer({ through: at(5), frontier: 500 });
  offer({ through: at(6), frontier: 600 });
  offer({ through: at(7), frontier: 700 });
  expect(frontier()).toBe(500);
  hub.reached = { claim: first, next: 6 };
  fold.settle();
  expect(frontier()).toBe(500);
  hub.reached = { claim: first, next: 7 };
  fold.settle();
  expect(frontier()).toBe(700);
});

test('[HB12] an earlier generation than the one in force is not heard', () => {
  const { fold, offer } = openFold({ claim: second, next: 9 });
  expect(offer({ by: second, at: 1 })).toBe(true);
  expect(offer({ by: first, at: 2 })).toBe(false);
  expect(fold.of('orders', VERSION).newest?.at).toBe(1);
});

test('[HB12] a later generation waits for its claim without displacing the one in force', () => {
  const { hub, fold, offer, frontier } = openFold({ claim: first, next: 9 });
  offer({ by: second, frontier: 900, through: at(9) });
  offer({ by: first, frontier: 100, through: at(9) });
  expect(frontier()).toBe(100);
  hub.reached = { claim: second, next: 9 };
  fold.settle();
  expect(frontier()).toBe(900);
});

test('[HB8] when the values are forgotten the same log is waited for again, another log is not', () => {
  const { hub, fold, offer, frontier } = openFold({ claim: first, next: 5 });
  offer({ through: at(5), frontier: 500 });
  fold.forgetUsable({ isSameLog: true });
  hub.reached = { claim: first, next: 0 };
  fold.settle();
  expect(frontier()).toBeNull();
  hub.reached = { claim: first, next: 5 };
  fold.settle();
  expect(frontier()).toBe(500);
  fold.forgetUsable({ isSameLog: false });
  fold.settle();
  expect(frontier()).toBeNull();
});
