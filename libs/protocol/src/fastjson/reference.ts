import { JsonObject, isArray, type JsonMember, type JsonValue } from './value.js';

/*
 * fastjson writes an object once; where the same object comes again it writes {"$ref": path}: "$" the document, "$.a.b[0]"
 * a place in it, ".." the object around, "@" the object itself. Only paths to values without references of their own
 * are followed: that is all Java's bodies need, and it cannot loop or multiply.
 */

/**
 * `value` with its references replaced; those that lead nowhere, or would bring in more than `budget` values, by null.
 */
export function resolveReferences(root: JsonValue, budget: number): JsonValue {
  let left = budget;
  const follow = (path: JsonValue): JsonValue => {
    const target = typeof path === 'string' ? locate(root, path) : undefined;
    if (target === undefined) return null;
    const count = countValues(target, left);
    if (count === undefined) return null;
    left -= count;
    return target;
  };
  const resolve = (value: JsonValue): JsonValue => {
    if (isArray(value)) return value.map(resolve);
    if (!(value instanceof JsonObject)) return value;
    const path = referenceOf(value);
    if (path !== undefined) return follow(path);
    return new JsonObject(value.members.map(([key, member]): JsonMember => [resolve(key), resolve(member)]));
  };
  return resolve(root);
}

function referenceOf(value: JsonObject): JsonValue | undefined {
  const only = value.members.length === 1 ? value.members[0] : undefined;
  return only !== undefined && only[0] === '$ref' ? only[1] : undefined;
}

const stepPattern = /\.((?:\\.|[^.[\\])+)|\[(?:(\d{1,9})|"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)')\]/y;

function locate(root: JsonValue, path: string): JsonValue | undefined {
  if (path[0] !== '$') return undefined;
  let value: JsonValue | undefined = root;
  for (let at = 1; at < path.length && value !== undefined; at = stepPattern.lastIndex) {
    stepPattern.lastIndex = at;
    const step = stepPattern.exec(path);
    if (step === null) return undefined;
    value = descend(value, step[2], (step[1] ?? step[3] ?? step[4] ?? '').replace(/\\(.)/g, '$1'));
  }
  return value;
}

function descend(value: JsonValue, index: string | undefined, name: string): JsonValue | undefined {
  if (isArray(value)) return index === undefined ? undefined : value[Number(index)];
  if (!(value instanceof JsonObject)) return undefined;
  const key = index ?? name;
  return value.get(key) ?? value.members.find(([bare]) => typeof bare === 'number' && String(bare) === key)?.[1];
}

/** Values in `value`, or undefined when there are more than `limit` or a reference is among them. */
function countValues(value: JsonValue, limit: number): number | undefined {
  let count = 0;
  const stack: JsonValue[] = [value];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (++count > limit) return undefined;
    if (isArray(next)) for (const item of next) stack.push(item);
    if (!(next instanceof JsonObject)) continue;
    if (referenceOf(next) !== undefined) return undefined;
    for (const [key, member] of next.members) stack.push(key, member);
  }
  return count;
}
