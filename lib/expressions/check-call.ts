import { FUNCTIONS, type FunctionName, type ValueType } from './expression-tree.ts';

interface Signature {
  /** Types each argument may have; a null value of them is refused when it is met. */
  readonly args: readonly (readonly ValueType[])[];
  readonly result: ValueType;
  /** `value.name(…)` or `name(value, …)`; both for size. */
  readonly written: 'method' | 'function' | 'both';
  readonly usage: string;
  readonly throws: boolean;
}

const TEXT = ['string'] as const;
const twoTexts = (usage: string): Signature => ({
  args: [TEXT, TEXT],
  result: 'bool',
  written: 'method',
  usage,
  throws: false,
});

/** `has` is not here: it takes a field, not a value. */
const SIGNATURES: Readonly<Record<Exclude<FunctionName, 'has'>, Signature>> = {
  size: { args: [TEXT], result: 'int', written: 'both', usage: 'size(text)', throws: false },
  startsWith: twoTexts("text.startsWith('start')"),
  endsWith: twoTexts("text.endsWith('end')"),
  contains: twoTexts("text.contains('part')"),
  string: {
    args: [['string', 'bool', 'int', 'double']],
    result: 'string',
    written: 'function',
    usage: 'string(value)',
    throws: false,
  },
  int: {
    args: [['int', 'double', 'string']],
    result: 'int',
    written: 'function',
    usage: 'int(value)',
    throws: true,
  },
  double: {
    args: [['int', 'double', 'string']],
    result: 'double',
    written: 'function',
    usage: 'double(value)',
    throws: true,
  },
};

export const isFunctionName = (name: string): name is FunctionName =>
  (FUNCTIONS as readonly string[]).includes(name);

export const signatureOf = (name: Exclude<FunctionName, 'has'>): Signature => SIGNATURES[name];

/** Why a function people may know from CEL is not in the language; null for names that are no CEL functions. */
export function absenceOf(
  name: string,
): { readonly message: string; readonly fix: string | null } | null {
  const message = `\`${name}\` is not available`;
  if (name === 'matches') {
    // No regular expression in JavaScript has a bounded running time, and one slow condition would stop every metric.
    return { message, fix: 'use startsWith, endsWith, contains or ==' };
  }
  if (['all', 'exists', 'exists_one', 'map', 'filter'].includes(name)) {
    return { message: `${message}: a field holds one value, not a list`, fix: null };
  }
  if (['timestamp', 'duration', 'now', 'getHours', 'getDayOfWeek'].includes(name)) {
    return { message: `${message}: a value depends on its records alone, not on time`, fix: null };
  }
  return null;
}
