import type { ASTNode } from '@marcbachmann/cel-js';
import type { PlanMeasure, SimpleMeasure } from '#lib/contracts/plan.ts';
import type { MeasureSpec } from '#lib/definitions/schema.ts';
import { ExpressionChecker } from './expression-checker.ts';
import type { Fields } from './field-types.ts';
import { suggestion } from './nearest.ts';
import { parseExpression, type ExpressionProblem } from './parse-expression.ts';

const NUMERIC = ['sum', 'avg', 'min', 'max'] as const;
const MEASURES: readonly string[] = ['count', ...NUMERIC];

interface MeasureProblem extends ExpressionProblem {
  /** Where in the measure the text stands: empty, or `ratio.of`, `ratio.to`. Offsets count inside that text. */
  readonly path: readonly string[];
}

export type ParsedMeasure =
  | {
      readonly ok: true;
      readonly measure: PlanMeasure;
      /** Fields it reads, sorted, each once. */
      readonly uses: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly MeasureProblem[] };

type ParsedSimple =
  | { readonly ok: true; readonly measure: SimpleMeasure; readonly uses: readonly string[] }
  | { readonly ok: false; readonly problems: readonly ExpressionProblem[] };

/**
 * A measure as people write it, checked against the stream's fields (MS1). Expressions come out as canonical sources; a measure over one
 * field has just its name in `of`, so that the engine can keep decimals and ints exact. Never throws.
 */
export function parseMeasure(spec: MeasureSpec, fields: Fields): ParsedMeasure {
  if (typeof spec === 'string') {
    const parsed = parseSimple(spec, fields);
    return parsed.ok ? parsed : { ok: false, problems: placed(parsed.problems, []) };
  }
  const of = parseSimple(spec.ratio.of, fields);
  const to = parseSimple(spec.ratio.to, fields);
  if (!of.ok || !to.ok) {
    return {
      ok: false,
      problems: [
        ...(of.ok ? [] : placed(of.problems, ['ratio', 'of'])),
        ...(to.ok ? [] : placed(to.problems, ['ratio', 'to'])),
      ],
    };
  }
  return {
    ok: true,
    measure: { kind: 'ratio', of: of.measure, to: to.measure },
    uses: [...new Set([...of.uses, ...to.uses])].sort(),
  };
}

const placed = (
  problems: readonly ExpressionProblem[],
  path: readonly string[],
): readonly MeasureProblem[] => problems.map((problem) => ({ ...problem, path }));

function parseSimple(source: string, fields: Fields): ParsedSimple {
  const parsed = parseExpression(source);
  if (!parsed.ok) return { ok: false, problems: [parsed.problem] };
  const { ast } = parsed;
  const refused = (message: string, fix: string | null, at: ASTNode = ast): ParsedSimple => ({
    ok: false,
    problems: [{ start: at.range.start, end: at.range.end, message, fix }],
  });
  if (ast.op !== 'call') {
    return refused('a measure is count(), sum(…), avg(…), min(…) or max(…)', exampleFor(ast));
  }
  const [name, args] = ast.args;
  if (!MEASURES.includes(name))
    return refused(`unknown measure \`${name}\``, suggestion(name, MEASURES));
  const [arg, second] = args;
  if (second !== undefined) return refused(`\`${name}\` takes one expression`, null, second);
  if (name === 'count' && arg === undefined)
    return { ok: true, measure: { kind: 'count', where: null }, uses: [] };
  if (arg === undefined)
    return refused(`\`${name}\` needs a number`, `for example ${name}(amount)`);

  const checked = new ExpressionChecker(fields).finish(arg, name === 'count' ? 'bool' : 'number');
  if (!checked.ok) return checked;
  const kind = NUMERIC.find((known) => known === name);
  return {
    ok: true,
    measure:
      kind === undefined ? { kind: 'count', where: checked.text } : { kind, of: checked.text },
    uses: checked.uses,
  };
}

const exampleFor = (ast: ASTNode): string | null =>
  ast.op === 'id' ? `for example sum(${ast.args})` : null;
