import type { CheckedExpression, RefusedExpression, Want } from './checked-expression.ts';
import { ExpressionChecker } from './expression-checker.ts';
import type { Fields } from './field-types.ts';
import { parseExpression } from './parse-expression.ts';

/** Parses a CEL source and checks it against a stream's fields. Never throws: whatever is wrong is a problem (EX1, EX7). */
export function checkExpression(
  source: string,
  fields: Fields,
  want: Want,
): CheckedExpression | RefusedExpression {
  const parsed = parseExpression(source);
  if (!parsed.ok) return { ok: false, problems: [parsed.problem] };
  return new ExpressionChecker(fields).finish(parsed.ast, want);
}
