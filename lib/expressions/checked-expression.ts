import type { Expression, ValueType } from './expression-tree.ts';
import type { ExpressionProblem } from './parse-expression.ts';
import { printExpression } from './print-expression.ts';

/** What the place needs: a condition, a number, or whatever there is. */
export type Want = 'bool' | 'number' | 'any';

export interface CheckedExpression {
  readonly ok: true;
  readonly type: ValueType;
  readonly want: Want;
  /** Names of the fields it reads, sorted, each once. */
  readonly uses: readonly string[];
  readonly tree: Expression;
  /** Canonical source (EX8). */
  readonly text: string;
  /** The field's name when the expression is nothing but one field: then a measure can stay exact. */
  readonly bare: string | null;
}
export interface RefusedExpression {
  readonly ok: false;
  /** At least one, in the order of the source. */
  readonly problems: readonly ExpressionProblem[];
}

/** What a checker found of one tree, in the form callers keep. */
export function checkedOf(tree: Expression, want: Want, uses: Iterable<string>): CheckedExpression {
  return {
    ok: true,
    type: tree.type,
    want,
    uses: [...uses].sort(),
    tree,
    text: printExpression(tree),
    bare: tree.kind === 'field' ? tree.field : null,
  };
}
