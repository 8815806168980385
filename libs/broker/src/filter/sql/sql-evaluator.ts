import { RocketMQError } from '../../../../common/src/index.js';
import { javaDouble, javaLong } from './java-number.js';
import { sqlLimits, type OrderOperator, type SqlLiteral, type SqlNode, type TextOperator } from './sql-syntax.js';
import { compareTexts, compareValues, failed, negated, type SqlNumber, type SqlValue } from './sql-value.js';

/** Where properties of a message come from. */
export interface PropertySource {
  get(name: string): string | undefined;
}

export type Evaluate = (properties: PropertySource) => SqlValue;

/*
 * From syntax to functions, with the checks that Apache makes on the way: they decide what is a filter at all (code 23).
 * A chain of AND or OR is one function over a list, so that a long one needs no deep stack.
 */

const intMax = 0x7fff_ffff;

/** The whole of an expression has to be a truth value. @throws RocketMQError ARGUMENT_INVALID saying what is wrong. */
export function truthOf(node: SqlNode, depth = 1): Evaluate {
  if (node.kind === 'property') {
    // Properties are texts, and a text is not TRUE, whatever it says.
    return (properties) => (properties.get(node.name) === undefined ? null : false);
  }
  if (!isTruth(node)) throw invalid(`${describe(node)} is neither true nor false`);
  return valueOf(node, depth);
}

function valueOf(node: SqlNode, depth: number): Evaluate {
  if (depth > sqlLimits.depth) throw invalid(`more than ${sqlLimits.depth} operators are inside each other`);
  const next = depth + 1;
  switch (node.kind) {
    case 'constant':
      return always(constantOf(node.value));
    case 'property':
      return (properties) => properties.get(node.name) ?? null;
    case 'negate':
      return negation(node.of, valueOf(node.of, next));
    case 'not':
      return not(truthOf(node.of, next));
    case 'and':
    case 'or':
      return chain(
        node.of.map((part) => truthOf(part, next)),
        node.kind === 'or',
      );
    case 'equal':
      return node.isNegated ? not(equality(node, next)) : equality(node, next);
    case 'isNull':
      return isNull(valueOf(node.left, next), node.isNegated);
    case 'order':
      return order(node.left, node.operator, node.right, next);
    case 'between':
      return between(node, next);
    case 'in':
      return membership(node);
    default:
      return textSearch(valueOf(node.left, next), node);
  }
}

function always(value: SqlValue): Evaluate {
  return () => value;
}

function constantOf(literal: SqlLiteral): string | boolean | SqlNumber | null {
  if (literal === null || typeof literal !== 'object') return literal;
  const { type, digits } = literal;
  if (type === 'decimal') {
    const value = javaLong(digits);
    if (value === undefined) throw invalid(`${digits} is more than a long holds`);
    return value <= intMax ? { type: 'int', value: Number(value) } : { type: 'long', value };
  }
  const value = javaDouble(digits);
  // Java asks for more than Double.MIN_VALUE, which is the smallest positive one: 0.0 is refused too.
  if (value === undefined || value === Infinity || value < Number.MIN_VALUE) {
    throw invalid(`${digits} is outside of what a double holds above 0`);
  }
  return { type: 'double', value };
}

/** Only numbers have one; Java looks at the rest all the same, which may fail. */
function negation(of: SqlNode, evaluate: Evaluate): Evaluate {
  const constant = of.kind === 'constant' || of.kind === 'negate' ? evaluate({ get: () => undefined }) : undefined;
  if (typeof constant === 'object' && constant !== null) return always(negated(constant));
  return (properties) => (evaluate(properties) === failed ? failed : null);
}

function not(evaluate: Evaluate): Evaluate {
  return (properties) => {
    const value = evaluate(properties);
    return typeof value === 'boolean' ? !value : value;
  };
}

/** AND ends at the first FALSE, OR at the first TRUE; a part that fails before fails the whole. */
function chain(parts: readonly Evaluate[], end: boolean): Evaluate {
  return (properties) => {
    let result: SqlValue = !end;
    for (const evaluate of parts) {
      const value = evaluate(properties);
      if (value === end || value === failed) return value;
      if (value === null) result = null;
    }
    return result;
  };
}

/** Unknown only when the left side is missing alone: nothing equals nothing, and something is not nothing. */
function equality({ left, right }: Extract<SqlNode, { kind: 'equal' }>, depth: number): Evaluate {
  const [leftConstant, rightConstant] = [constantIn(left), constantIn(right)];
  if (leftConstant === null || rightConstant === null) throw invalid('NULL cannot be compared: IS NULL asks for it');
  if (typeof leftConstant === 'boolean' && rightConstant !== undefined && typeof rightConstant !== 'boolean') {
    throw invalid(`${describe(left)} cannot be compared with ${describe(right)}`);
  }
  const [leftValue, rightValue] = [valueOf(left, depth), valueOf(right, depth)];
  return (properties) => {
    const first = leftValue(properties);
    if (first === failed) return failed;
    const second = rightValue(properties);
    if (second === failed) return failed;
    if (first === null) return second === null ? true : null;
    if (second === null) return false;
    const compared = compareValues(first, second);
    return compared === failed ? failed : compared === 0;
  };
}

function isNull(evaluate: Evaluate, isNegated: boolean): Evaluate {
  return (properties) => {
    const value = evaluate(properties);
    return value === failed ? failed : (value === null) !== isNegated;
  };
}

const fits: Record<OrderOperator, (compared: number) => boolean> = {
  '>': (compared) => compared > 0,
  '>=': (compared) => compared >= 0,
  '<': (compared) => compared < 0,
  '<=': (compared) => compared <= 0,
};

function order(left: SqlNode, operator: OrderOperator, right: SqlNode, depth: number): Evaluate {
  requireNumber(left);
  requireNumber(right);
  const [leftValue, rightValue, isFit] = [valueOf(left, depth), valueOf(right, depth), fits[operator]];
  return (properties) => {
    const first = leftValue(properties);
    if (first === null || first === failed) return first;
    const second = rightValue(properties);
    if (second === null || second === failed) return second;
    const areTexts = typeof first === 'string' && typeof second === 'string';
    const compared = areTexts ? compareTexts(first, second) : compareValues(first, second);
    return compared === failed ? failed : isFit(compared);
  };
}

function between(node: Extract<SqlNode, { kind: 'between' }>, depth: number): Evaluate {
  const { left, low, high, isNegated } = node;
  if (isNegated) return chain([order(left, '<', low, depth), order(left, '>', high, depth)], true);
  const parts = [order(left, '>=', low, depth), order(left, '<=', high, depth)];
  const [from, to] = [constantIn(low), constantIn(high)];
  if (typeof from === 'object' && typeof to === 'object' && from !== null && to !== null) {
    const compared = compareValues(to, from);
    if (compared !== failed && compared < 0) throw invalid(`BETWEEN ${from.value} AND ${to.value} holds nothing`);
  }
  return chain(parts, false);
}

function membership({ left, values, isNegated }: Extract<SqlNode, { kind: 'in' }>): Evaluate {
  if (left.kind !== 'property') throw invalid(`IN needs a property before it, not ${describe(left)}`);
  const { name } = left;
  const members = new Set(values);
  return (properties) => {
    const value = properties.get(name);
    return value === undefined ? null : members.has(value) !== isNegated;
  };
}

const searches: Record<TextOperator, (text: string, search: string) => boolean> = {
  CONTAINS: (text, search) => text.includes(search),
  STARTSWITH: (text, search) => text.startsWith(search),
  ENDSWITH: (text, search) => text.endsWith(search),
};

/** FALSE, not unknown, for what is no text, or nothing to look for: with NOT before it, too. */
function textSearch(
  evaluate: Evaluate,
  { operator, search, isNegated }: { operator: TextOperator; search: string; isNegated: boolean },
): Evaluate {
  if (search === '') return always(false);
  const matches = searches[operator];
  return (properties) => {
    const value = evaluate(properties);
    if (typeof value !== 'string') return value === failed ? failed : false;
    return matches(value, search) !== isNegated;
  };
}

/** Undefined when it is none; a sign before a number makes an expression of it in Java, too. */
function constantIn(node: SqlNode): string | boolean | SqlNumber | null | undefined {
  return node.kind === 'constant' ? constantOf(node.value) : undefined;
}

function requireNumber(node: SqlNode): void {
  const constant = constantIn(node);
  const isNumber = typeof constant === 'object' && constant !== null;
  if (constant === undefined ? isTruth(node) : !isNumber) {
    throw invalid(`${describe(node)} cannot be compared by >, >=, <, <= or BETWEEN: they are for numbers`);
  }
}

function isTruth(node: SqlNode): boolean {
  if (node.kind === 'constant') return node.value === null || typeof node.value === 'boolean';
  return node.kind !== 'property' && node.kind !== 'negate';
}

function describe(node: SqlNode): string {
  if (node.kind === 'property') return `property ${node.name.slice(0, 64)}`;
  if (node.kind !== 'constant') return node.kind === 'negate' ? 'a negative value' : 'a condition';
  const { value } = node;
  if (typeof value === 'string') return `'${value.slice(0, 64)}'`;
  return typeof value === 'object' && value !== null ? value.digits.slice(0, 64) : String(value).toUpperCase();
}

function invalid(text: string): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', text);
}
