import type { ASTNode } from '@marcbachmann/cel-js';
import { absenceOf, isFunctionName, signatureOf } from './check-call.ts';
import {
  checkedOf,
  type CheckedExpression,
  type RefusedExpression,
  type Want,
} from './checked-expression.ts';
import { FUNCTIONS, type Expression } from './expression-tree.ts';
import { fieldOf, valueTypeOf, type Fields } from './field-types.ts';
import { literalOf } from './literal.ts';
import { suggestion } from './nearest.ts';
import type { ExpressionProblem } from './parse-expression.ts';
import {
  fails,
  isNumber,
  TYPE_WORDS,
  typeArithmetic,
  typeChoose,
  typeEquality,
  typeIn,
  typeLogic,
  typeNegate,
  typeNot,
  typeOrder,
  type Refusal,
} from './typing.ts';

/** Turns the parser's tree into a checked one, collecting every problem it meets. One checker per expression. */
export class ExpressionChecker {
  readonly #fields: Fields;
  readonly #uses = new Set<string>();
  readonly #problems: ExpressionProblem[] = [];

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  finish(ast: ASTNode, want: Want): CheckedExpression | RefusedExpression {
    const tree = this.#check(ast);
    if (tree !== null && want === 'bool' && tree.type !== 'bool') {
      const fix = tree.kind === 'field' ? `compare it, for example \`${tree.field} == …\`` : null;
      this.#problem(ast, `expected a condition, found ${TYPE_WORDS[tree.type]}`, fix);
    }
    if (tree !== null && want === 'number' && !isNumber(tree.type)) {
      this.#problem(ast, `expected a number, found ${TYPE_WORDS[tree.type]}`, numberHint(tree));
    }
    if (tree === null || this.#problems.length > 0) {
      return { ok: false, problems: this.#problems.toSorted((a, b) => a.start - b.start) };
    }
    return checkedOf(tree, want, this.#uses);
  }

  #problem(ast: ASTNode, message: string, fix: string | null): null {
    this.#problems.push({ start: ast.range.start, end: ast.range.end, message, fix });
    return null;
  }

  #typed(ast: ASTNode, typed: Expression | Refusal): Expression | null {
    return typed.kind === 'refusal' ? this.#problem(ast, typed.message, typed.fix) : typed;
  }

  /** Null when something in it is wrong; the problem is recorded then. */
  #check(ast: ASTNode): Expression | null {
    switch (ast.op) {
      case 'value':
        return this.#literal(ast, ast.args);
      case 'id':
        return this.#field(ast, ast.args);
      case '!_': {
        const of = this.#check(ast.args);
        return of && this.#typed(ast, typeNot(of));
      }
      case '-_':
        return this.#negate(ast, ast.args);
      case '+':
      case '-':
      case '*':
      case '/':
      case '%': {
        const pair = this.#pair(ast.args);
        return pair && this.#typed(ast, typeArithmetic(ast.op, ...pair));
      }
      case '<':
      case '<=':
      case '>':
      case '>=': {
        const pair = this.#pair(ast.args);
        return pair && this.#typed(ast, typeOrder(ast.op, ...pair));
      }
      case '==':
      case '!=': {
        const pair = this.#pair(ast.args);
        return pair && this.#typed(ast, typeEquality(ast.op, ...pair));
      }
      case '&&':
      case '||': {
        const pair = this.#pair(ast.args);
        return pair && this.#typed(ast, typeLogic(ast.op, ...pair));
      }
      case '?:':
        return this.#choose(ast, ast.args);
      case 'in':
        return this.#in(ast, ast.args);
      case 'call':
        return this.#call(ast, ast.args[0], { args: ast.args[1], method: false });
      case 'rcall':
        return this.#call(ast, ast.args[0], { args: [ast.args[1], ...ast.args[2]], method: true });
      default:
        return this.#refuseShape(ast);
    }
  }

  #refuseShape(ast: ASTNode): null {
    if (ast.op === 'list') {
      const fix = "for example channel in ['web', 'app']";
      return this.#problem(ast, 'a list may only stand after `in`', fix);
    }
    if (ast.op === 'map') return this.#problem(ast, 'maps are not available', null);
    return this.#problem(ast, 'a field holds one value: nothing can be taken out of it', null);
  }

  #literal(ast: ASTNode, value: unknown): Expression | null {
    const held = literalOf(value);
    if (!held.ok) return this.#problem(ast, held.message, held.fix);
    const { literal } = held;
    return {
      kind: 'literal',
      literal,
      type: literal.type,
      nullable: literal.type === 'null',
      throws: false,
    };
  }

  #field(ast: ASTNode, field: string): Expression | null {
    const spec = fieldOf(this.#fields, field);
    if (spec === null) {
      const fix = suggestion(field, Object.keys(this.#fields));
      return this.#problem(ast, `unknown field \`${field}\``, fix);
    }
    this.#uses.add(field);
    return { kind: 'field', field, type: valueTypeOf(spec), nullable: true, throws: false };
  }

  #pair(args: readonly [ASTNode, ASTNode]): readonly [Expression, Expression] | null {
    const left = this.#check(args[0]);
    const right = this.#check(args[1]);
    return left && right && [left, right];
  }

  #negate(ast: ASTNode, inner: ASTNode): Expression | null {
    // The smallest int has no positive twin, so the sign belongs to the literal.
    if (inner.op === 'value' && typeof inner.args === 'bigint') {
      return this.#literal(ast, -inner.args);
    }
    const of = this.#check(inner);
    if (of?.kind === 'literal' && of.literal.type === 'int') {
      return this.#literal(ast, -of.literal.value);
    }
    return of && this.#typed(ast, typeNegate(of));
  }

  #choose(ast: ASTNode, args: readonly [ASTNode, ASTNode, ASTNode]): Expression | null {
    const [when, then, otherwise] = [
      this.#check(args[0]),
      this.#check(args[1]),
      this.#check(args[2]),
    ];
    return when && then && otherwise && this.#typed(ast, typeChoose(when, then, otherwise));
  }

  #in(ast: ASTNode, [itemAst, listAst]: readonly [ASTNode, ASTNode]): Expression | null {
    const item = this.#check(itemAst);
    if (listAst.op !== 'list') {
      return this.#problem(listAst, '`in` needs a list', "for example channel in ['web', 'app']");
    }
    const list = listAst.args.map((element) => this.#check(element));
    if (item === null || !list.every((element) => element !== null)) return null;
    return this.#typed(ast, typeIn(item, list));
  }

  #call(
    ast: ASTNode,
    name: string,
    written: { readonly args: readonly ASTNode[]; readonly method: boolean },
  ): Expression | null {
    if (!isFunctionName(name)) {
      const absence = absenceOf(name);
      if (absence !== null) return this.#problem(ast, absence.message, absence.fix);
      return this.#problem(ast, `unknown function \`${name}\``, suggestion(name, FUNCTIONS));
    }
    if (name === 'has') return this.#has(ast, written);
    const signature = signatureOf(name);
    const form = written.method ? 'method' : 'function';
    const wrongForm = signature.written !== 'both' && signature.written !== form;
    if (wrongForm || written.args.length !== signature.args.length) {
      return this.#problem(ast, `\`${name}\` is written differently`, `write ${signature.usage}`);
    }
    const args = written.args.map((argAst, i) => {
      const arg = this.#check(argAst);
      if (arg === null || signature.args[i]?.includes(arg.type)) return arg;
      const message = `\`${name}\` cannot take ${TYPE_WORDS[arg.type]}`;
      return this.#problem(argAst, message, `write ${signature.usage}`);
    });
    if (!args.every((arg) => arg !== null)) return null;
    const throws = signature.throws || args.some(fails);
    return { kind: 'call', name, args, type: signature.result, nullable: false, throws };
  }

  #has(
    ast: ASTNode,
    { args, method }: { readonly args: readonly ASTNode[]; readonly method: boolean },
  ): Expression | null {
    const [argAst] = args;
    if (method || args.length !== 1 || argAst?.op !== 'id') {
      return this.#problem(ast, '`has` takes one field', 'write has(field)');
    }
    const field = this.#field(argAst, argAst.args);
    return (
      field && {
        kind: 'call',
        name: 'has',
        args: [field],
        type: 'bool',
        nullable: false,
        throws: false,
      }
    );
  }
}

function numberHint(tree: Expression): string | null {
  if (tree.type === 'bool') return 'write count(…) to count the records that meet a condition';
  return tree.type === 'string' ? 'write double(…) if the text is a number' : null;
}
