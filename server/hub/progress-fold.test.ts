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

test.each([
  ['comes at once', 9],
  ['waits for its values first', 8],
])(
  '[HB25] an older frontier and closing of a computer that started again move nothing back when its word %s',
  (_, reached) => {
    const { hub, fold, offer } = openFold({ claim: first, next: 9 });
    const usable = () => fold.of('orders', VERSION).usable;
    offer({ by: first, frontier: 900, closing: 700, through: at(9) });
    hub.reached = { claim: second, next: reached };
    offer({ by: second, frontier: 400, closing: 300, at: 5_000, through: at(9) });
    hub.reached = { claim: second, next: 9 };
    fold.settle();
    // All else is the newer word: only what was proven stays.
    expect(usable()).toMatchObject({ ...second, at: 5_000, frontier: 900, closing: 700 });
    offer({ by: second, frontier: 850, closing: 800, through: at(9) });
    expect(usable()).toMatchObject({ frontier: 900, closing: 800 });
    offer({ by: second, frontier: 950, closing: 800, through: at(9) });
    expect(usable()).toMatchObject({ frontier: 950, closing: 800 });
  },
);

test('[HB25] none at all, after a replaced log, is taken, and what is proven then begins from there', () => {
  const { fold, offer } = openFold({ claim: first, next: 9 });
  const usable = () => fold.of('orders', VERSION).usable;
  offer({ frontier: 900, closing: 700, through: at(9) });
  offer({ frontier: null, closing: null, through: at(9) });
  expect(usable()).toMatchObject({ frontier: null, closing: null });
  offer({ frontier: 100, closing: 50, through: at(9) });
  expect(usable()).toMatchObject({ frontier: 100, closing: 50 });
});

test('[HB25] that nothing is known any more is not forgotten when a newer word takes its place while both wait', () => {
  const { hub, fold, offer } = openFold({ claim: first, next: 9 });
  offer({ by: first, frontier: 900, closing: 700, through: at(9) });
  offer({ by: second, frontier: null, closing: null, through: at(9) });
  offer({ by: second, frontier: 950, closing: 50, through: at(10) });
  hub.reached = { claim: second, next: 10 };
  fold.settle();
  expect(fold.of('orders', VERSION).usable).toMatchObject({ frontier: 950, closing: 50 });
  offer({ by: second, frontier: 960, closing: 40, through: at(10) });
  expect(fold.of('orders', VERSION).usable).toMatchObject({ frontier: 960, closing: 50 });
});
