import type { Literal } from './expression-tree.ts';

const INT64_MAX = 9_223_372_036_854_775_807n;

export type LiteralResult =
  | { readonly ok: true; readonly literal: Literal }
  | { readonly ok: false; readonly message: string; readonly fix: string | null };

/** A literal as the parser holds it, in our form; what the language does not have is refused with a sentence. */
export function literalOf(value: unknown): LiteralResult {
  const held = (literal: Literal): LiteralResult => ({ ok: true, literal });
  const refused = (message: string, fix: string | null = null): LiteralResult => ({
    ok: false,
    message,
    fix,
  });
  switch (typeof value) {
    case 'boolean':
      return held({ type: 'bool', value });
    case 'number':
      return held({ type: 'double', value });
    case 'bigint':
      if (value > INT64_MAX || value < -INT64_MAX - 1n)
        return refused('the number does not fit 64 bits');
      return held({ type: 'int', value });
    case 'string':
      if (!value.isWellFormed()) return refused('the text holds half a character');
      return held({ type: 'string', value });
    default:
      if (value === null) return held({ type: 'null', value });
      return refused(
        'only texts, numbers, true, false and null are available',
        'write numbers without u, texts without b',
      );
  }
}
