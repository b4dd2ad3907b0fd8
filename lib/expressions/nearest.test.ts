import { describe, expect, it } from 'vitest';
import { nearest, suggestion } from './nearest.ts';

describe('nearest', () => {
  it('[EX1] finds a name with letters wrong, missing, added or swapped', () => {
    const known = ['amount', 'status', 'quantity'];
    for (const wrong of ['amout', 'ammount', 'amuont', 'Amount', 'emount'])
      expect(nearest(wrong, known)).toBe('amount');
  });

  it('[EX1] finds nothing where nothing is near', () => {
    expect(nearest('zebra', ['amount', 'status'])).toBeNull();
    expect(nearest('a', [])).toBeNull();
    expect(nearest('x'.repeat(500), ['x'.repeat(499)])).toBeNull();
  });

  it('[EX1] lists what is known while that is short', () => {
    expect(suggestion('zebra', ['amount'])).toBe('known: amount');
    expect(
      suggestion(
        'zebra',
        Array.from({ length: 13 }, (_, i) => `field${String(i)}`),
      ),
    ).toBeNull();
  });
});
