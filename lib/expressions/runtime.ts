import { ExpressionError } from './expression-error.ts';

/** An int at run time: a number while it is a safe integer, else a bigint within 64 bits (EX3). */
export type Int = number | bigint;
type Values = readonly (string | number | bigint | boolean | null)[];

const INT64_MAX = 9_223_372_036_854_775_807n;
const INT64_MIN = -INT64_MAX - 1n;

/** The one form of an integer: equal integers are identical. Throws past 64 bits. */
function int(value: bigint): Int {
  if (value > INT64_MAX || value < INT64_MIN)
    throw new ExpressionError('the integer does not fit 64 bits');
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function nonZero(value: Int): void {
  // A bigint is never zero in our form, but dividing by 0n would be another error than ours.
  if (Number(value) === 0) throw new ExpressionError('an integer is divided by 0');
}

const isNumeric = (value: Values[number]): value is Int =>
  typeof value === 'number' || typeof value === 'bigint';

const INT_TEXT = /^[+-]?\d{1,19}$/;
const DOUBLE_TEXT = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** What generated code may call: nothing else is in its scope. Null has been refused before a value comes here, unless said. */
export const runtime = {
  /** Ends the evaluation because of a null; `what` is the canonical source of what was null. */
  nil(what: string): never {
    throw new ExpressionError(`\`${what}\` is null`);
  },
  present<T>(value: T | null, what: string): T {
    return value === null ? runtime.nil(what) : value;
  },

  add(a: Int, b: Int): Int {
    if (typeof a === 'number' && typeof b === 'number') {
      const sum = a + b;
      if (Number.isSafeInteger(sum)) return sum;
    }
    return int(BigInt(a) + BigInt(b));
  },
  subtract(a: Int, b: Int): Int {
    if (typeof a === 'number' && typeof b === 'number') {
      const difference = a - b;
      if (Number.isSafeInteger(difference)) return difference;
    }
    return int(BigInt(a) - BigInt(b));
  },
  multiply(a: Int, b: Int): Int {
    if (typeof a === 'number' && typeof b === 'number') {
      const product = a * b;
      // + 0 turns -0 into 0: integers have one zero.
      if (Number.isSafeInteger(product)) return product + 0;
    }
    return int(BigInt(a) * BigInt(b));
  },
  /** Truncates towards zero. */
  divide(a: Int, b: Int): Int {
    nonZero(b);
    if (typeof a === 'number' && typeof b === 'number') return (a - (a % b)) / b + 0;
    return int(BigInt(a) / BigInt(b));
  },
  /** Has the sign of the dividend. */
  modulo(a: Int, b: Int): Int {
    nonZero(b);
    if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
    return int(BigInt(a) % BigInt(b));
  },
  negate: (a: Int): Int => (typeof a === 'number' ? 0 - a : int(-a)),

  /** Both sides' errors are absorbed by a side that decides (CEL, langdef "Logical operators"). */
  and(left: () => boolean, right: () => boolean): boolean {
    let decided: boolean;
    try {
      decided = left();
    } catch (error) {
      if (right()) throw error;
      return false;
    }
    return decided && right();
  },
  or(left: () => boolean, right: () => boolean): boolean {
    let decided: boolean;
    try {
      decided = left();
    } catch (error) {
      if (!right()) throw error;
      return true;
    }
    return decided || right();
  },

  isIn(item: Values[number], list: Values): boolean {
    for (const element of list) {
      if (item === element) return true;
      // An int may be a bigint where the other is a double: order compares these exactly, identity does not.
      if (isNumeric(item) && isNumeric(element) && item <= element && item >= element) return true;
    }
    return false;
  },

  /** Length in code points, as CEL counts. */
  size(text: string): number {
    let size = text.length;
    for (let i = 0; i + 1 < text.length; i += 1) {
      if (
        (text.charCodeAt(i) & 0xfc00) === 0xd800 &&
        (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00
      ) {
        size -= 1;
        i += 1;
      }
    }
    return size;
  },
  text(value: string | Int | boolean): string {
    if (value === Infinity) return '+Inf';
    return value === -Infinity ? '-Inf' : String(value);
  },
  toInt(value: string | Int): Int {
    if (typeof value === 'bigint') return value;
    if (typeof value === 'string') {
      if (!INT_TEXT.test(value)) throw new ExpressionError('int() got a text that is no integer');
      return int(BigInt(value.startsWith('+') ? value.slice(1) : value));
    }
    if (!Number.isFinite(value)) throw new ExpressionError('int() got a number that is not finite');
    return int(BigInt(Math.trunc(value)));
  },
  toDouble(value: string | Int): number {
    if (typeof value === 'string' && !DOUBLE_TEXT.test(value)) {
      throw new ExpressionError('double() got a text that is no number');
    }
    return Number(value);
  },
  /** An int where the other branch is a double; null stays null. */
  widen: (value: Int | null): number | null => (value === null ? null : Number(value)),

  finite(value: number | null): number | null {
    if (value === null || Number.isFinite(value)) return value;
    throw new ExpressionError('the number is not finite');
  },
} as const;

export type Runtime = typeof runtime;
