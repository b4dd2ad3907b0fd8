import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkExpression } from './check-expression.ts';
import type { CheckedExpression, RefusedExpression } from './checked-expression.ts';
import { compileExpression, type Row } from './compile-expression.ts';
import { ExpressionError } from './expression-error.ts';
import type { Fields } from './field-types.ts';

const FIELDS: Fields = {
  s1: { type: 'string', class: 'internal' },
  s2: { type: 'string', class: 'internal' },
  b1: { type: 'bool', class: 'internal' },
  b2: { type: 'bool', class: 'internal' },
  i1: { type: 'int', class: 'internal' },
  i2: { type: 'int', class: 'internal' },
  d1: { type: 'double', class: 'internal' },
  m1: { type: 'decimal', scale: 2, class: 'financial' },
};

/** The same expression for us and for the library; they differ where we have a word of our own. */
interface Twin {
  readonly ours: string;
  readonly peer: string;
}
const same = (text: string): Twin => ({ ours: text, peer: text });
/** The library refuses mixed types it knows beforehand and converts nothing; dyn() makes it decide at run time, as fields do. */
const mix = (build: (...texts: string[]) => string, ...parts: Twin[]): Twin => ({
  ours: build(...parts.map((p) => p.ours)),
  peer: build(...parts.map((p) => `dyn(${p.peer})`)),
});

const TEXTS = ['a', 'web', '12', '-3', '1.5', 'Ä€😀', 'with "quotes" \\ and\nlines'];
const INTS = [0n, 1n, -1n, 7n, -13n, 1n << 31n, (1n << 53n) + 1n, (1n << 63n) - 1n, -(1n << 63n)];
const DOUBLES = [0, 1, -1, 0.1, 2.5, -1e6, 1e-7, 123456.75];

const { condition, int, double, text } = fc.letrec<{
  condition: Twin;
  int: Twin;
  double: Twin;
  text: Twin;
}>((tie) => {
  const opts = { maxDepth: 4, withCrossShrink: true, depthIdentifier: 'e' };
  const bin = (ops: string[], left: fc.Arbitrary<Twin>, right: fc.Arbitrary<Twin>) =>
    fc
      .tuple(fc.constantFrom(...ops), left, right)
      .map(([op, l, r]) => mix((a, b) => `(${a}) ${op} (${b})`, l, r));
  const choose = (of: fc.Arbitrary<Twin>) =>
    fc
      .tuple(tie('condition'), of, of)
      .map((parts) => mix((c, a, b) => `(${c} ? ${a} : ${b})`, ...parts));
  const number = fc.oneof(tie('int'), tie('double'));
  const fields = fc.constantFrom(...Object.keys(FIELDS));
  return {
    condition: fc.oneof(
      opts,
      fc.constantFrom('true', 'false', 'b1', 'b2').map(same),
      bin(['&&', '||'], tie('condition'), tie('condition')),
      bin(['==', '!=', '<', '<=', '>', '>='], number, number),
      bin(['==', '!=', '<', '>='], tie('text'), tie('text')),
      tie('condition').map((c) => mix((a) => `!(${a})`, c)),
      fields.map((f) => ({ ours: `has(${f})`, peer: `(${f} != null)` })),
      fields.map((f) => same(`(${f} == null)`)),
      fc
        .tuple(tie('text'), fc.array(tie('text'), { maxLength: 3 }))
        .map(([item, list]) => mix((i, ...l) => `(${i}) in [${l.join(', ')}]`, item, ...list)),
      fc
        .tuple(number, fc.array(number, { maxLength: 3 }))
        .map(([item, list]) => mix((i, ...l) => `(${i}) in [${l.join(', ')}]`, item, ...list)),
      fc
        .tuple(fc.constantFrom('startsWith', 'endsWith', 'contains'), tie('text'), tie('text'))
        .map(([name, l, r]) => mix((a, b) => `(${a}).${name}(${b})`, l, r)),
      choose(tie('condition')),
    ),
    int: fc.oneof(
      opts,
      fc.constantFrom('i1', 'i2', ...INTS.map(String)).map(same),
      // Adding 0 makes the library notice that the smallest int divided by -1 does not fit.
      bin(['+', '-', '*', '/', '%'], tie('int'), tie('int')).map(({ ours, peer: theirs }) => ({
        ours,
        peer: `0 + dyn(${theirs})`,
      })),
      // The library lets the smallest int be negated; CEL calls it an overflow.
      tie('int').map((e) => ({ ours: `-(${e.ours})`, peer: `(0 - dyn(${e.peer}))` })),
      tie('text').map((e) => mix((a) => `size(${a})`, e)),
      fc.constantFrom('int(d1)', 'int(s1)', 'int(i2)').map(same),
      choose(tie('int')),
    ),
    double: fc.oneof(
      opts,
      fc
        .constantFrom(
          'd1',
          'm1',
          ...DOUBLES.map((d) => (Number.isInteger(d) ? `${String(d)}.0` : String(d))),
        )
        .map(same),
      bin(['+', '-', '*', '/'], tie('double'), number),
      bin(['+', '-', '*', '/'], number, tie('double')),
      tie('double').map((e) => mix((a) => `-(${a})`, e)),
      fc.constantFrom('double(i1)', 'double(s1)', 'double(d1)').map(same),
      choose(tie('double')),
    ),
    text: fc.oneof(
      opts,
      fc.constantFrom('s1', 's2', ...TEXTS.map((t) => JSON.stringify(t))).map(same),
      bin(['+'], tie('text'), tie('text')),
      number.map((e) => mix((a) => `string(${a})`, e)),
      choose(tie('text')),
    ),
  };
});

const anyExpression = fc.oneof(condition, int, double, text);

const orNull = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { freq: 4 });
const rows = fc.record({
  s1: orNull(TEXTS),
  s2: orNull(TEXTS),
  b1: orNull([true, false]),
  b2: orNull([true, false]),
  i1: orNull(INTS),
  i2: orNull(INTS),
  d1: orNull(DOUBLES),
  m1: orNull([0, 12.5, 0.01, -99.99]),
});

const peer = new Environment({ homogeneousAggregateLiterals: false });
for (const field of Object.keys(FIELDS)) peer.registerVariable(field, 'dyn');
for (const [op, of] of [
  ['+', (a: number, b: number) => a + b],
  ['-', (a: number, b: number) => a - b],
  ['*', (a: number, b: number) => a * b],
  ['/', (a: number, b: number) => a / b],
] as const) {
  peer.registerOperator(`int ${op} double`, (a: bigint, b: number) => of(Number(a), b));
  peer.registerOperator(`double ${op} int`, (a: number, b: bigint) => of(a, Number(b)));
}

const safe = (value: unknown): unknown =>
  typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
const rowFor = (values: Readonly<Record<string, unknown>>): Row =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, safe(value)]));

const FAILED = Symbol('failed');
function attempt(run: () => unknown): unknown {
  try {
    const value = run();
    return value === 0 ? 0 : value;
  } catch (error) {
    if (error instanceof ExpressionError || (error as Error).name === 'EvaluationError')
      return FAILED;
    throw error;
  }
}

/** Generated expressions are well typed; only the smallest int negated as a literal may be refused. */
function acceptable(
  checked: CheckedExpression | RefusedExpression,
  source: string,
): CheckedExpression {
  if (checked.ok) return checked;
  const overflow = checked.problems.every((p) => p.message === 'the number does not fit 64 bits');
  if (!overflow) throw new Error(`refused ${source}: ${JSON.stringify(checked.problems)}`);
  fc.pre(false);
  throw new Error('fc.pre ends the run before this');
}

/** Ten times what it takes on two busy cores. */
const PATIENCE = { timeout: 30_000 };

describe('compiled expressions', PATIENCE, () => {
  it('[EX3] give what the CEL library gives, value or failure, on any expression and row', () => {
    let values = 0;
    fc.assert(
      fc.property(
        anyExpression,
        fc.array(rows, { minLength: 1, maxLength: 4 }),
        ({ ours, peer: theirs }, samples) => {
          const checked = checkExpression(ours, FIELDS, 'any');
          const accepted = acceptable(checked, ours);
          const { evaluate } = compileExpression(accepted);
          const parsed = peer.parse(theirs);
          for (const values_ of samples) {
            const expected = attempt(() => safe(parsed(values_)));
            expect(
              attempt(() => evaluate(rowFor(values_))),
              ours,
            ).toStrictEqual(expected);
            if (expected !== FAILED) values += 1;
          }
        },
      ),
      { numRuns: 1_500 },
    );
    expect(values).toBeGreaterThan(500);
  });

  it('[EX8] print to a source that means the same and prints the same', () => {
    fc.assert(
      fc.property(anyExpression, rows, ({ ours }, values) => {
        const checked = checkExpression(ours, FIELDS, 'any');
        const accepted = acceptable(checked, ours);
        const again = checkExpression(accepted.text, FIELDS, 'any');
        if (!again.ok) throw new Error(`${accepted.text}: ${JSON.stringify(again.problems)}`);
        expect(again.text).toBe(accepted.text);
        expect(again.tree).toStrictEqual(accepted.tree);
        const row = rowFor(values);
        expect(attempt(() => compileExpression(again).evaluate(row))).toStrictEqual(
          attempt(() => compileExpression(accepted).evaluate(row)),
        );
      }),
      { numRuns: 500 },
    );
  });
});

const WORDS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'this',
  'globalThis',
  'process',
  's1',
  'i1',
  'd1',
  'b1',
  'has',
  'size',
  'in',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '.',
  ',',
  '?',
  ':',
  '&&',
  '||',
  '!',
  '-',
  '+',
  '*',
  '/',
  '%',
  '==',
  '!=',
  '<',
  '"',
  "'",
  '\\',
  '`',
  '${',
  '0x',
  '1u',
  '9999999999999999999999',
  '1e999',
  '\u2028',
  '\ud800',
  '//',
  ';',
  '\n',
  'null',
  'r"',
  "b'",
  'matches',
  'map',
  'exists',
];

describe('checking an expression', PATIENCE, () => {
  it('[EX7] never throws, whatever the text, and compiles what it accepts', () => {
    const soup = fc
      .array(fc.constantFrom(...WORDS), { maxLength: 12 })
      .chain((words) => fc.constantFrom('', ' ').map((gap) => words.join(gap)));
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: 'binary' })), rows, (source, values) => {
        const checked = checkExpression(source, FIELDS, 'any');
        if (checked.ok) {
          const { evaluate } = compileExpression(checked);
          attempt(() => evaluate(rowFor(values)));
          return;
        }
        expect(checked.problems.length).toBeGreaterThan(0);
        for (const { start, end, message } of checked.problems) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(source.length);
          expect(message).not.toBe('');
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
