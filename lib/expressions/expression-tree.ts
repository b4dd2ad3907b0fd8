/** `decimal` fields are `double` inside expressions; the exact value stays with measures that name the field alone (EX2). */
export type ValueType = 'bool' | 'int' | 'double' | 'string' | 'null';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type OrderOperator = '<' | '<=' | '>' | '>=';
export type EqualityOperator = '==' | '!=';
export type LogicOperator = '&&' | '||';

/** The functions of the language, with what people write after a dot as the first argument. */
export const FUNCTIONS = [
  'size',
  'startsWith',
  'endsWith',
  'contains',
  'string',
  'int',
  'double',
  'has',
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

interface Node {
  readonly type: ValueType;
  /** May yield null. */
  readonly nullable: boolean;
  /** May have no value (ExpressionError) by itself, not counting a null its user refuses. */
  readonly throws: boolean;
}

export type Literal =
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'null'; readonly value: null };

/** A checked expression: every name is a declared field, every operator fits its operands. */
export type Expression =
  | (Node & { readonly kind: 'literal'; readonly literal: Literal })
  | (Node & { readonly kind: 'field'; readonly field: string })
  | (Node & { readonly kind: 'not'; readonly of: Expression })
  | (Node & { readonly kind: 'negate'; readonly of: Expression })
  | (Node & {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & {
      readonly kind: 'order';
      readonly operator: OrderOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & {
      readonly kind: 'equality';
      readonly operator: EqualityOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & {
      readonly kind: 'logic';
      readonly operator: LogicOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & {
      readonly kind: 'choose';
      readonly when: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    })
  | (Node & {
      readonly kind: 'in';
      readonly item: Expression;
      readonly list: readonly Expression[];
    })
  | (Node & {
      readonly kind: 'call';
      readonly name: FunctionName;
      readonly args: readonly Expression[];
    });

export type ExpressionOf<K extends Expression['kind']> = Extract<Expression, { kind: K }>;
