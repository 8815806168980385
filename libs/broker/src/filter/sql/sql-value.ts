import { javaDouble, javaInt, javaLong } from './java-number.js';

/** A number with its Java type, which decides how a property's text is read when it meets it. */
export type SqlNumber =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'long'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number };

/** Java throws where a comparison makes no sense, and the message does not match, whatever the rest says. */
export const failed: unique symbol = Symbol('failed');

/** What an expression is for a message; null is "unknown". */
export type SqlValue = string | boolean | SqlNumber | null | typeof failed;

type Comparable = string | boolean | SqlNumber;

/** Like compareTo; 0 = equal. Values of types that have no order between them are unequal, and the first is smaller. */
export function compareValues(left: Comparable, right: Comparable): number | typeof failed {
  if (typeof left === 'boolean') return compareBoolean(left, right);
  if (typeof left === 'object') return compareNumber(left, right);
  if (typeof right === 'string') return left === right ? 0 : left < right ? -1 : 1;
  if (typeof right === 'boolean') return compareNumbers(Number(left.toLowerCase() === 'true'), Number(right));
  const read = readLike(right, left);
  return read === undefined ? failed : compareSame(read, right);
}

/** Texts in an order are numbers; null when one of them is none. */
export function compareTexts(left: string, right: string): number | typeof failed {
  const [first, second] = [javaDouble(left), javaDouble(right)];
  return first === undefined || second === undefined ? failed : compareDoubles(first, second);
}

export function negated(number: SqlNumber): SqlNumber {
  // Literals are never negative, so that nothing overflows here.
  if (number.type === 'long') return { type: 'long', value: -number.value };
  return { type: number.type, value: number.type === 'int' ? 0 - number.value : -number.value };
}

/** Java casts a text to a boolean where it wants to convert it, which throws. */
function compareBoolean(left: boolean, right: Comparable): number | typeof failed {
  if (typeof right === 'boolean') return compareNumbers(Number(left), Number(right));
  return typeof right === 'string' ? failed : -1;
}

function compareNumber(left: SqlNumber, right: Comparable): number | typeof failed {
  if (typeof right === 'boolean') return -1;
  if (typeof right === 'object') return compareMixed(left, right);
  const read = readLike(left, right);
  return read === undefined ? failed : compareSame(left, read);
}

/** A text read as a number of the other side's type: "1.5" is no int, whatever it is compared with. */
function readLike({ type }: SqlNumber, text: string): SqlNumber | undefined {
  if (type === 'long') {
    const value = javaLong(text);
    return value === undefined ? undefined : { type, value };
  }
  const value = type === 'int' ? javaInt(text) : javaDouble(text);
  return value === undefined ? undefined : { type, value };
}

function compareMixed(left: SqlNumber, right: SqlNumber): number {
  if (left.type === right.type) return compareSame(left, right);
  if (left.type === 'double' || right.type === 'double') return compareDoubles(Number(left.value), Number(right.value));
  return compareNumbers(left.value, right.value);
}

function compareSame(left: SqlNumber, right: SqlNumber): number {
  if (left.type === 'double') return compareDoubles(left.value, Number(right.value));
  return compareNumbers(left.value, right.value);
}

function compareNumbers(left: number | bigint, right: number | bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Java's order: NaN equals itself and is larger than all, -0.0 is smaller than 0.0. */
function compareDoubles(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (Object.is(left, right)) return 0;
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.isNaN(left) ? 1 : -1;
  return Object.is(left, -0) ? -1 : 1;
}
