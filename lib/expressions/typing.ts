import type {
  ArithmeticOperator,
  EqualityOperator,
  Expression,
  LogicOperator,
  OrderOperator,
  ValueType,
} from './expression-tree.ts';

/** Why operands do not fit, and what to do about it. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly message: string;
  readonly fix: string | null;
}
type Typed = Expression | Refusal;

export const TYPE_WORDS: Readonly<Record<ValueType, string>> = {
  bool: 'a condition',
  int: 'an int',
  double: 'a double',
  string: 'a string',
  null: 'null',
};

export const isNumber = (type: ValueType): boolean => type === 'int' || type === 'double';

/** Values of these types may be equal. */
const comparable = (a: ValueType, b: ValueType): boolean =>
  a === b || a === 'null' || b === 'null' || (isNumber(a) && isNumber(b));

/** Evaluating it and refusing its null may fail. */
export const fails = (e: Expression): boolean => e.throws || e.nullable;

const refusal = (message: string, fix: string | null = null): Refusal => ({
  kind: 'refusal',
  message,
  fix,
});

const mismatch = (
  operator: string,
  left: Expression,
  right: Expression,
  fix: string | null = null,
): Refusal =>
  refusal(
    `\`${operator}\` cannot take ${TYPE_WORDS[left.type]} and ${TYPE_WORDS[right.type]}`,
    fix,
  );

export function typeNot(of: Expression): Typed {
  if (of.type !== 'bool') return refusal(`\`!\` needs a condition, found ${TYPE_WORDS[of.type]}`);
  return { kind: 'not', of, type: 'bool', nullable: false, throws: fails(of) };
}

export function typeNegate(of: Expression): Typed {
  if (!isNumber(of.type)) return refusal(`\`-\` needs a number, found ${TYPE_WORDS[of.type]}`);
  return {
    kind: 'negate',
    of,
    type: of.type,
    nullable: false,
    throws: fails(of) || of.type === 'int',
  };
}

/** Two ints give an int; an int beside a double becomes a double first (EX2). */
export function typeArithmetic(
  operator: ArithmeticOperator,
  left: Expression,
  right: Expression,
): Typed {
  const node = { kind: 'arithmetic', operator, left, right, nullable: false } as const;
  const throws = fails(left) || fails(right);
  if (operator === '+' && left.type === 'string' && right.type === 'string') {
    return { ...node, type: 'string', throws };
  }
  if (!isNumber(left.type) || !isNumber(right.type)) {
    const texts = left.type === 'string' || right.type === 'string';
    return mismatch(
      operator,
      left,
      right,
      operator === '+' && texts ? 'write string(…) to join texts' : null,
    );
  }
  const type = left.type === 'int' && right.type === 'int' ? 'int' : 'double';
  if (operator === '%' && type === 'double') {
    return refusal('`%` needs two ints', 'write int(…) to cut off the fraction');
  }
  return { ...node, type, throws: throws || type === 'int' };
}

export function typeOrder(operator: OrderOperator, left: Expression, right: Expression): Typed {
  const numbers = isNumber(left.type) && isNumber(right.type);
  if (!numbers && !(left.type === 'string' && right.type === 'string'))
    return mismatch(operator, left, right);
  const throws = fails(left) || fails(right);
  return { kind: 'order', operator, left, right, type: 'bool', nullable: false, throws };
}

/** Null equals null and nothing else (EX4). */
export function typeEquality(
  operator: EqualityOperator,
  left: Expression,
  right: Expression,
): Typed {
  if (!comparable(left.type, right.type)) return mismatch(operator, left, right);
  const throws = left.throws || right.throws;
  return { kind: 'equality', operator, left, right, type: 'bool', nullable: false, throws };
}

export function typeLogic(operator: LogicOperator, left: Expression, right: Expression): Typed {
  if (left.type !== 'bool' || right.type !== 'bool') {
    const wrong = left.type === 'bool' ? right : left;
    return refusal(
      `\`${operator}\` needs conditions on both sides, found ${TYPE_WORDS[wrong.type]}`,
    );
  }
  const throws = fails(left) || fails(right);
  return { kind: 'logic', operator, left, right, type: 'bool', nullable: false, throws };
}

export function typeChoose(when: Expression, then: Expression, otherwise: Expression): Typed {
  if (when.type !== 'bool')
    return refusal(`\`? :\` needs a condition, found ${TYPE_WORDS[when.type]}`);
  if (!comparable(then.type, otherwise.type)) return mismatch('? :', then, otherwise);
  return {
    kind: 'choose',
    when,
    then,
    otherwise,
    type: widest(then.type, otherwise.type),
    nullable: then.nullable || otherwise.nullable,
    throws: fails(when) || then.throws || otherwise.throws,
  };
}

export function typeIn(item: Expression, list: readonly Expression[]): Typed {
  const wrong = list.find((element) => !comparable(item.type, element.type));
  if (wrong !== undefined) return mismatch('in', item, wrong);
  const throws = item.throws || list.some((element) => element.throws);
  return { kind: 'in', item, list, type: 'bool', nullable: false, throws };
}

/** Of two comparable types, the one both fit. */
function widest(a: ValueType, b: ValueType): ValueType {
  if (a === 'null') return b;
  return b === 'double' ? b : a;
}
