import type { Expression, Literal } from './expression-tree.ts';

/** Binding strength by CEL's grammar (cel-spec, langdef "Syntax"); higher binds tighter. */
const STRENGTH = {
  choose: 1,
  '||': 2,
  '&&': 3,
  '==': 4,
  relation: 5,
  '+': 6,
  '*': 7,
  unary: 8,
  primary: 9,
} as const;

function strengthOf(e: Expression): number {
  switch (e.kind) {
    case 'choose':
      return STRENGTH.choose;
    case 'logic':
      return STRENGTH[e.operator];
    case 'equality':
      return STRENGTH['=='];
    case 'order':
    case 'in':
      return STRENGTH.relation;
    case 'arithmetic':
      return e.operator === '+' || e.operator === '-' ? STRENGTH['+'] : STRENGTH['*'];
    case 'not':
    case 'negate':
      return STRENGTH.unary;
    case 'literal':
      return e.literal.type === 'int' && e.literal.value < 0n ? STRENGTH.unary : STRENGTH.primary;
    case 'field':
    case 'call':
      return STRENGTH.primary;
  }
}

function printLiteral(literal: Literal): string {
  switch (literal.type) {
    case 'double': {
      const text = String(literal.value);
      return /[.e]/.test(text) ? text : `${text}.0`;
    }
    case 'string':
      return JSON.stringify(literal.value);
    case 'int':
    case 'bool':
    case 'null':
      return String(literal.value);
  }
}

const METHODS: ReadonlySet<string> = new Set(['startsWith', 'endsWith', 'contains']);

/**
 * Canonical CEL source of a checked expression: equal trees print equally whatever spaces, quotes and parentheses people wrote, so a change of
 * layout starts no version (EX8). Parsing it again gives the same tree.
 */
export function printExpression(e: Expression): string {
  const inside = (child: Expression, least: number): string =>
    strengthOf(child) < least ? `(${printExpression(child)})` : printExpression(child);
  const binary = (operator: string, left: Expression, right: Expression): string => {
    const own = strengthOf(e);
    return `${inside(left, own)} ${operator} ${inside(right, own + 1)}`;
  };
  switch (e.kind) {
    case 'literal':
      return printLiteral(e.literal);
    case 'field':
      return e.field;
    case 'not':
      return `!${inside(e.of, STRENGTH.unary)}`;
    case 'negate':
      return `-${inside(e.of, STRENGTH.unary)}`;
    case 'arithmetic':
    case 'order':
    case 'equality':
    case 'logic':
      return binary(e.operator, e.left, e.right);
    case 'choose':
      return `${inside(e.when, STRENGTH['||'])} ? ${printExpression(e.then)} : ${printExpression(e.otherwise)}`;
    case 'in':
      return `${inside(e.item, STRENGTH.relation)} in [${e.list.map(printExpression).join(', ')}]`;
    case 'call': {
      const [first, ...rest] = e.args;
      if (first !== undefined && METHODS.has(e.name)) {
        return `${inside(first, STRENGTH.primary)}.${e.name}(${rest.map(printExpression).join(', ')})`;
      }
      return `${e.name}(${e.args.map(printExpression).join(', ')})`;
    }
  }
}
