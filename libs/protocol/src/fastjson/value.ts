/**
 * What the dialect of fastjson can say. It goes beyond JSON: keys may be bare integers or whole objects, and integers
 * have 64 bits.
 */
export type JsonValue = null | boolean | number | bigint | string | JavaDouble | JsonArray | JsonObject;

export type JsonArray = readonly JsonValue[];
export type JsonMember = readonly [key: JsonValue, value: JsonValue];

/** Members in order. No member can become a property of a JavaScript object, whatever its name. */
export class JsonObject {
  constructor(readonly members: readonly JsonMember[]) {}

  /** The last member of this name, or undefined. */
  get(name: string): JsonValue | undefined {
    for (let i = this.members.length - 1; i >= 0; i--) {
      const member = this.members[i] as JsonMember;
      if (member[0] === name) return member[1];
    }
    return undefined;
  }
}

/** A number that Java holds as double: written with a decimal point ("0.0"). Only for writing. */
export class JavaDouble {
  constructor(readonly value: number) {}
}

export const isArray = (value: JsonValue): value is JsonArray => Array.isArray(value);
