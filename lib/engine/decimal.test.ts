import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { divideHalfEven, fastUnits, formatUnits, unitsOf } from '#lib/engine/decimal.ts';
import { addExact, roundedSum } from '#lib/engine/exact-sum.ts';

describe('decimals', () => {
  test.each([
    ['12.34', 2, 1234n],
    ['-0.5', 2, -50n],
    ['1e3', 2, 100_000n],
    ['12.340', 2, 1234n],
    ['1.2e-1', 2, 12n],
    ['99999999999999999999.99', 2, 9_999_999_999_999_999_999_999n],
  ])('[EN2] %s at scale %i is %s units', (text, scale, units) => {
    expect(unitsOf(text, scale)).toBe(units);
  });

  test.each(['12.345', '1,2', '', 'NaN', '0x10', '1e999', '.5', '1.'])(
    '[EN2] %j is refused at scale 2 and never rounded',
    (text) => {
      expect(unitsOf(text, 2)).toBeNull();
    },
  );

  test('[EN2] the fast way from a JSON number gives what its digits say, or nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.nat(6), (units, scale) => {
        const number = Number(formatUnits(BigInt(units), scale));
        const fast = fastUnits(number, scale);
        if (fast !== null) expect(fast).toBe(units);
        expect(unitsOf(formatUnits(BigInt(units), scale), scale)).toBe(BigInt(units));
      }),
    );
    expect(fastUnits(0.1, 2)).toBe(10);
    expect(fastUnits(1.005, 2)).toBeNull();
  });

  test('[EN4] division rounds half to even', () => {
    expect([5n, 15n, 25n, -5n, -15n, 26n].map((n) => divideHalfEven(n, 10n))).toEqual([
      0n,
      2n,
      2n,
      0n,
      -2n,
      3n,
    ]);
  });
});

describe('sums of doubles', () => {
  test('[EN3] are the same in every order', () => {
    const numbers = fc.array(fc.double({ min: -1e15, max: 1e15, noNaN: true }), { maxLength: 60 });
    const sum = (list: readonly number[]) => {
      const parts: number[] = [];
      for (const value of list) addExact(parts, value);
      return roundedSum(parts);
    };
    fc.assert(
      fc.property(
        numbers.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          expect(sum(shuffled)).toBe(sum(list));
        },
      ),
    );
  });

  test('[EN3] are rounded once', () => {
    const parts: number[] = [];
    for (const value of [1e16, 1, -1e16]) addExact(parts, value);
    expect(roundedSum(parts)).toBe(1);
    const tenths: number[] = [];
    for (let i = 0; i < 10; i += 1) addExact(tenths, 0.1);
    expect(roundedSum(tenths)).toBe(1);
  });
});
