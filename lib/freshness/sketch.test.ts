import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sketch, SKETCH_ERROR } from '#lib/freshness/sketch.ts';

const of = (values: readonly number[]) => {
  const sketch = new Sketch();
  for (const value of values) sketch.add(value);
  return sketch;
};

test('[FR12] a quantile is within one percent of the true one, also for negative lengths', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, q) => {
      const sorted = [...list].sort((a, b) => a - b);
      const truth = sorted[Math.floor(q * (sorted.length - 1))]!;
      const got = of(list).quantile(q)!;
      expect(Math.abs(got - truth)).toBeLessThanOrEqual(
        Math.abs(truth) * SKETCH_ERROR * 1.0001 + 0.001,
      );
    }),
  );
});

test('[FR12] merged sketches answer like one over all', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -5_000, max: 5_000 })),
      fc.array(fc.integer({ min: 0, max: 9_000 })),
      (a, b) => {
        const merged = of(a);
        merged.merge(of(b));
        for (const q of [0, 0.5, 0.95, 1])
          expect(merged.quantile(q)).toBe(of([...a, ...b]).quantile(q));
        expect(merged.count).toBe(a.length + b.length);
      },
    ),
  );
});

test('[FR12] an empty sketch has no quantile', () => {
  expect(new Sketch().quantile(0.5)).toBeNull();
});
