import type { MetricPlan, SimpleMeasure } from '#lib/contracts/plan.ts';
import type { FieldSpec } from '#lib/definitions/schema.ts';
import { AppError } from '#lib/errors/app-error.ts';
import { checkExpression } from '#lib/expressions/check-expression.ts';
import type { CheckedExpression, Want } from '#lib/expressions/checked-expression.ts';
import { compileExpression } from '#lib/expressions/compile-expression.ts';
import { ExpressionError } from '#lib/expressions/expression-error.ts';
import { decimalUnits, fieldValue, rawField, type FieldValue } from '#lib/engine/field.ts';
import { InvalidRecord } from '#lib/engine/invalid-record.ts';
import {
  countState,
  extremeState,
  sumState,
  type MeasureJson,
  type MeasureState,
  type Numeric,
} from '#lib/engine/measure.ts';

type Raw = Readonly<Record<string, unknown>>;
type Row = Readonly<Record<string, FieldValue>>;
type Fields = Readonly<Record<string, FieldSpec>>;

/** What one record means to one metric. */
export interface Evaluation {
  /** Dimension values in `groupBy` order; integers beyond 2^53 as strings. */
  readonly dims: readonly (string | number | boolean | null)[];
  /** One argument per measure; null adds nothing. */
  readonly args: readonly (number | bigint | null)[];
}

/** A metric's definition made executable: expressions are compiled once, nothing is interpreted per record. */
export interface MetricProgram {
  readonly plan: MetricPlan;
  /** Null when `where` does not hold. Throws InvalidRecord with the reason, or NeedsDigits. */
  evaluate(raw: Raw): Evaluation | null;
  newMeasures(): readonly MeasureState[];
  restoreMeasures(json: readonly MeasureJson[]): readonly MeasureState[];
}

interface MeasureProgram {
  readonly uses: readonly string[];
  arg(row: Row, raw: Raw): number | bigint | null;
  state(json?: MeasureJson): MeasureState;
}

/** Compiles a plan. Throws `compute/failed` when an expression does not fit the stream: the hub checks before it publishes. */
export function compileMetric(plan: MetricPlan): MetricProgram {
  const { stream, where, groupBy, measure } = plan.closure;
  const { fields } = stream;
  const condition = where === null ? null : compiled(plan, where, fields, 'bool');
  const simple = measure.kind === 'ratio' ? [measure.of, measure.to] : [measure];
  const measures = simple.map((one) => measureProgram(plan, one, fields));
  const uses = [
    ...new Set([...(condition?.uses ?? []), ...groupBy, ...measures.flatMap((one) => one.uses)]),
  ];
  const specs = uses.map((name) => [name, specOf(plan, fields, name)] as const);

  const evaluate = (raw: Raw): Evaluation | null => {
    const row: Record<string, FieldValue> = {};
    for (const [name, spec] of specs) row[name] = fieldValue(raw, name, spec);
    try {
      if (condition !== null && condition.evaluate(row) !== true) return null;
      return {
        dims: groupBy.map((name) => dimValue(row[name] ?? null)),
        args: measures.map((one) => one.arg(row, raw)),
      };
    } catch (error) {
      // ExpressionError is what CEL's errors become on a record: the record is invalid for this metric, nothing else stops.
      if (error instanceof ExpressionError) throw new InvalidRecord(error.message);
      throw error;
    }
  };
  return {
    plan,
    evaluate,
    newMeasures: () => measures.map((one) => one.state()),
    restoreMeasures: (json) => measures.map((one, i) => one.state(json[i])),
  };
}

const dimValue = (value: FieldValue): string | number | boolean | null =>
  typeof value === 'bigint' ? value.toString() : value;

function measureProgram(plan: MetricPlan, measure: SimpleMeasure, fields: Fields): MeasureProgram {
  if (measure.kind === 'count') {
    const condition = measure.where === null ? null : compiled(plan, measure.where, fields, 'bool');
    return {
      uses: condition?.uses ?? [],
      arg: condition === null ? () => 1 : (row) => (condition.evaluate(row) === true ? 1 : null),
      state: (json) => countState(json),
    };
  }
  const { kind } = measure;
  const checked = checkedExpression(plan, measure.of, fields, 'number');
  const { numeric, arg } = argument(plan, checked, fields);
  return {
    uses: checked.uses,
    arg,
    state: (json) =>
      kind === 'sum' || kind === 'avg'
        ? sumState(numeric, kind, json)
        : extremeState(numeric, kind, json),
  };
}

/** A plain int or decimal field keeps its exact units; any other expression is computed. */
function argument(
  plan: MetricPlan,
  checked: CheckedExpression,
  fields: Fields,
): { numeric: Numeric; arg: MeasureProgram['arg'] } {
  const spec = checked.bare === null ? null : specOf(plan, fields, checked.bare);
  if (checked.bare !== null && (spec?.type === 'int' || spec?.type === 'decimal')) {
    const name = checked.bare;
    const scale = spec.type === 'decimal' ? spec.scale : 0;
    return {
      numeric: { kind: 'units', scale },
      arg: (_row, raw) => {
        const value = rawField(raw, name);
        return value === null ? null : decimalUnits(value, name, scale);
      },
    };
  }
  const { evaluate } = compileExpression(checked);
  return {
    numeric: checked.type === 'int' ? { kind: 'units', scale: 0 } : { kind: 'double' },
    arg: (row) => {
      const value = evaluate(row);
      return typeof value === 'number' || typeof value === 'bigint' ? value : null;
    },
  };
}

const compiled = (plan: MetricPlan, source: string, fields: Fields, want: Want) =>
  compileExpression(checkedExpression(plan, source, fields, want));

function checkedExpression(
  plan: MetricPlan,
  source: string,
  fields: Fields,
  want: Want,
): CheckedExpression {
  const checked = checkExpression(source, fields, want);
  if (checked.ok) return checked;
  const [problem] = checked.problems;
  throw badPlan(
    plan,
    `expression \`${source}\`: ${problem?.message ?? 'it does not fit the stream'}`,
  );
}

function specOf(plan: MetricPlan, fields: Fields, name: string): FieldSpec {
  const spec = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!spec) throw badPlan(plan, `field \`${name}\` is not declared`);
  return spec;
}

const badPlan = (plan: MetricPlan, why: string) =>
  new AppError(
    'compute/failed',
    `Metric ${plan.metric} cannot be computed: ${why}. Apply its definition again.`,
    {
      metric: plan.metric,
      version: plan.version,
    },
  );
