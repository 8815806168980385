import { RocketMQError } from '../../../common/src/index.js';
import { JavaDouble, JsonObject, isArray, type JsonMember, type JsonValue } from './value.js';

/**
 * The shape of a JSON body, declared once: types, reader and writer follow from it. Readers are as lenient as fastjson
 * (unknown members ignored, numbers as texts accepted, absent and null the same), writers are exact.
 */
export interface Shape<T> {
  /** @throws RocketMQError PROTOCOL_VIOLATION naming `path`. */
  readonly read: (json: JsonValue, path: string) => T;
  /** Undefined: the member is left out, as fastjson leaves out nulls. */
  readonly write: (value: T) => JsonValue | undefined;
  /** What an absent or null member reads as. @throws when it must be there. */
  readonly absent: (path: string) => T;
}

export type ShapeType<S> = S extends Shape<infer T> ? T : never;

function wrong(path: string, expected: string, json: JsonValue): RocketMQError {
  const shown = isArray(json)
    ? 'an array'
    : typeof json === 'object'
      ? json === null
        ? 'null'
        : 'an object'
      : JSON.stringify(String(json).slice(0, 64));
  return new RocketMQError('PROTOCOL_VIOLATION', `${path} must be ${expected}, not ${shown}`);
}

function missing(path: string): never {
  throw new RocketMQError('PROTOCOL_VIOLATION', `${path} is missing`);
}

/** The same shape with a value for absent members: what the Java class starts with. */
export function or<T>(shape: Shape<T>, value: () => T): Shape<T> {
  return { ...shape, absent: value };
}

/** May be absent; undefined is not written. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    read: shape.read,
    write: (value) => (value === undefined ? undefined : shape.write(value)),
    absent: () => undefined,
  };
}

export const jsonText: Shape<string> = {
  read(json, path) {
    if (typeof json === 'string') return json;
    if (typeof json === 'number' || typeof json === 'boolean' || typeof json === 'bigint') return String(json);
    throw wrong(path, 'a text', json);
  },
  write: (value) => value,
  absent: missing,
};

const intMin = -(2 ** 31);
const intMax = 2 ** 31 - 1;

/** 32 bits; a Java primitive, so that absent is 0. */
export const jsonInt: Shape<number> = {
  read(json, path) {
    const value = numberOf(json);
    if (value === undefined || !Number.isInteger(value) || value < intMin || value > intMax) {
      throw wrong(path, 'a 32-bit integer', json);
    }
    return value;
  },
  write: (value) => value,
  absent: () => 0,
};

const longMax = 2n ** 63n - 1n;

/** 64 bits; exact to 2^53, rounded beyond. Absent is 0. */
export const jsonLong: Shape<number> = {
  read(json, path) {
    const value = numberOf(json);
    if (value === undefined || !Number.isInteger(value) || Math.abs(value) > 2 ** 63) {
      throw wrong(path, 'a 64-bit integer', json);
    }
    return value;
  },
  write: (value) => (Number.isSafeInteger(value) ? value : value > 0 ? longMax : -longMax - 1n),
  absent: () => 0,
};

export const jsonDouble: Shape<number> = {
  read(json, path) {
    const value = numberOf(json);
    if (value === undefined) throw wrong(path, 'a number', json);
    return value;
  },
  write: (value) => new JavaDouble(value),
  absent: () => 0,
};

function numberOf(json: JsonValue): number | undefined {
  if (typeof json === 'number') return json;
  if (typeof json === 'bigint') return Number(json);
  return typeof json === 'string' && /^[+-]?\d{1,20}(\.\d{1,20})?$/.test(json) ? Number(json) : undefined;
}

export const jsonBool: Shape<boolean> = {
  read(json, path) {
    if (typeof json === 'boolean') return json;
    if (json === 'true' || json === 1) return true;
    if (json === 'false' || json === 0) return false;
    throw wrong(path, 'true or false', json);
  },
  write: (value) => value,
  absent: () => false,
};

/** A Java enum: written by name, read by name or ordinal. */
export function jsonEnum<const N extends string>(names: readonly N[]): Shape<N> {
  return {
    read(json, path) {
      const named = typeof json === 'number' ? names[json] : names.find((name) => name === json);
      if (named === undefined) throw wrong(path, `one of ${names.join(', ')}`, json);
      return named;
    },
    write: (value) => value,
    absent: missing,
  };
}

/** A List, Set or array. Absent is empty. */
export function jsonList<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    read(json, path) {
      if (!isArray(json)) throw wrong(path, 'a list', json);
      return json.map((value, i) =>
        value === null ? item.absent(`${path}[${i}]`) : item.read(value, `${path}[${i}]`),
      );
    },
    write: (items) => items.map((value) => item.write(value) ?? null),
    absent: () => [],
  };
}

/** A Map by text or integer. Absent is empty; members with a null value are dropped. */
export function jsonMap<K extends string | number, V>(key: Shape<K>, value: Shape<V>): Shape<ReadonlyMap<K, V>> {
  return {
    read(json, path) {
      const map = new Map<K, V>();
      for (const [k, v] of membersOf(json, path)) {
        if (v === null) continue;
        const name = key.read(k, `key of ${path}`);
        map.set(name, value.read(v, `${path}[${JSON.stringify(String(name).slice(0, 64))}]`));
      }
      return map;
    },
    write: (map) =>
      new JsonObject([...map].map(([k, v]): JsonMember => [key.write(k) ?? null, value.write(v) ?? null])),
    absent: () => new Map(),
  };
}

/** A Map whose keys are objects: pairs, since JavaScript's maps would compare them by identity. */
export function jsonPairs<K, V>(key: Shape<K>, value: Shape<V>): Shape<readonly (readonly [K, V])[]> {
  return {
    read(json, path) {
      return membersOf(json, path).map(([k, v], i) => [
        key.read(k, `key ${i} of ${path}`),
        v === null ? value.absent(`value ${i} of ${path}`) : value.read(v, `value ${i} of ${path}`),
      ]);
    },
    write: (pairs) => new JsonObject(pairs.map(([k, v]): JsonMember => [key.write(k) ?? null, value.write(v) ?? null])),
    absent: () => [],
  };
}

function membersOf(json: JsonValue, path: string): readonly JsonMember[] {
  if (json instanceof JsonObject) return json.members;
  throw wrong(path, 'an object', json);
}

type BeanShapes = Readonly<Record<string, Shape<never> | Shape<unknown>>>;
type OptionalKeys<S> = { [K in keyof S]: undefined extends ShapeType<S[K]> ? K : never }[keyof S];

/** The object that a bean's shapes describe. */
export type BeanOf<S> = { readonly [K in Exclude<keyof S, OptionalKeys<S>>]: ShapeType<S[K]> } & {
  readonly [K in OptionalKeys<S>]?: ShapeType<S[K]>;
};

/** A Java bean. Members are written in the order of their names, as fastjson does. */
export function jsonBean<S extends object>(shapes: S): Shape<BeanOf<S>> {
  const members = Object.entries(shapes as BeanShapes) as [string, Shape<unknown>][];
  const inOrder = members.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    read(json, path) {
      if (!(json instanceof JsonObject)) throw wrong(path, 'an object', json);
      const bean: Record<string, unknown> = {};
      for (const [name, shape] of members) {
        const at = `${path}.${name}`;
        const value = json.get(name);
        const read = value === undefined || value === null ? shape.absent(at) : shape.read(value, at);
        if (read !== undefined) bean[name] = read;
      }
      return bean as BeanOf<S>;
    },
    write(bean) {
      const written: JsonMember[] = [];
      for (const [name, shape] of inOrder) {
        const value = (bean as Record<string, unknown>)[name];
        const json = value === undefined ? undefined : shape.write(value);
        if (json !== undefined) written.push([name, json]);
      }
      return new JsonObject(written);
    },
    absent: missing,
  };
}
