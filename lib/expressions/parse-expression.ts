import { Environment, ParseError, type ASTNode } from '@marcbachmann/cel-js';

/** One thing wrong in an expression; `start` and `end` are offsets in its source, in UTF-16 code units, end exclusive. */
export interface ExpressionProblem {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  /** What to do, or null. */
  readonly fix: string | null;
}

export type ParsedExpression =
  | { readonly ok: true; readonly ast: ASTNode }
  | { readonly ok: false; readonly problem: ExpressionProblem };

/** Nobody reads a longer condition; it bounds the recursion of everything that walks the tree. */
const MAX_SOURCE_LENGTH = 4_000;

/** The library's defaults allow 100 000 nodes; the generated code should stay small enough for the JIT to take whole. */
const grammar = new Environment({ limits: { maxAstNodes: 1_000, maxDepth: 60 } });

/** CEL source to the library's tree. Never throws (EX7). */
export function parseExpression(source: string): ParsedExpression {
  if (source.length > MAX_SOURCE_LENGTH) {
    return failed(`the expression has ${String(source.length)} characters`, {
      start: 0,
      end: source.length,
      fix: `at most ${String(MAX_SOURCE_LENGTH)} are allowed; split it into several metrics`,
    });
  }
  if (source.trim() === '') {
    return failed('the expression is empty', { start: 0, end: source.length, fix: null });
  }
  try {
    return { ok: true, ast: grammar.parse(source).ast };
  } catch (error) {
    if (!(error instanceof ParseError)) {
      // The parser recurses on `!` and `-` without its own limit, and a macro may refuse its arguments in its own way.
      return failed('the expression cannot be parsed', { start: 0, end: source.length, fix: null });
    }
    const start = Math.min(error.range?.start ?? 0, source.length);
    const end = Math.max(start, Math.min(error.range?.end ?? source.length, source.length));
    return failed(lowerFirst(error.summary), { start, end, fix: hintFor(source, start) });
  }
}

function hintFor(source: string, start: number): string | null {
  const rest = source.slice(start);
  if (start >= source.trimEnd().length) return 'the expression ends too early';
  if (/^=[^=]/.test(rest)) return 'write == to compare';
  if (/^(and|or|not)\b/i.test(rest)) return 'write && for and, || for or, ! for not';
  if (/^[&|]/.test(rest)) return 'write && for and, || for or';
  if (/^<>/.test(source.slice(Math.max(0, start - 1)))) return 'write != for unequal';
  return null;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const failed = (
  message: string,
  place: { readonly start: number; readonly end: number; readonly fix: string | null },
): ParsedExpression => ({ ok: false, problem: { message, ...place } });
