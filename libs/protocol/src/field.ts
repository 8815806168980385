import type { AsciiText } from './ascii-text.js';
import type { Utf8Text } from './message/utf8-text.js';

/**
 * Header fields, declared as values. A field knows its kind, whether Java insists on it, and the quirks of its key.
 * On the wire every field is text; `long` is a JavaScript number (offsets and milliseconds fit; see decodeLong).
 */
export interface Field<T = unknown, Required extends boolean = boolean> {
  readonly kind: FieldKind;
  /** Java marks the field @CFNotNull, or it is a primitive that always has a value: always sent, refused when missing. */
  readonly required: Required;
  /** Used when the peer left the field out. */
  readonly fallback?: T | undefined;
  /** The key on the wire when it is not the property's name (send V2's letters, Java's misspellings). */
  readonly wireKey?: string | undefined;
  /** Other keys to accept when reading. */
  readonly aliases: readonly string[];
  /** Phantom: carries T to the derived header type. */
  readonly type?: T;
}

export type FieldKind = 'text' | 'utf8' | 'int' | 'long' | 'bool' | 'double';

class FieldBuilder<T, Required extends boolean> implements Field<T, Required> {
  declare readonly type?: T;

  constructor(
    readonly kind: FieldKind,
    readonly required: Required,
    readonly fallback?: T,
    readonly wireKey?: string,
    readonly aliases: readonly string[] = [],
  ) {}

  /** May be absent; absent and "" are the same. */
  optional(): FieldBuilder<T, false> {
    return new FieldBuilder<T, false>(this.kind, false, undefined, this.wireKey, this.aliases);
  }

  /** Absent reads as `value`; a Java primitive's zero, mostly. Still always sent. */
  or(value: T): FieldBuilder<T, true> {
    return new FieldBuilder<T, true>(this.kind, true, value, this.wireKey, this.aliases);
  }

  wire(key: string): FieldBuilder<T, Required> {
    return new FieldBuilder(this.kind, this.required, this.fallback, key, this.aliases);
  }

  alias(...keys: readonly string[]): FieldBuilder<T, Required> {
    return new FieldBuilder(this.kind, this.required, this.fallback, this.wireKey, keys);
  }
}

export const text = (): FieldBuilder<string, true> => new FieldBuilder<string, true>('text', true);
/** A text that is handed on, and not decoded for that. Written from a string. */
export const utf8 = (): FieldBuilder<Utf8Text, true> => new FieldBuilder<Utf8Text, true>('utf8', true);
export const int = (): FieldBuilder<number, true> => new FieldBuilder<number, true>('int', true);
export const long = (): FieldBuilder<number, true> => new FieldBuilder<number, true>('long', true);
export const bool = (): FieldBuilder<boolean, true> => new FieldBuilder<boolean, true>('bool', true);
export const double = (): FieldBuilder<number, true> => new FieldBuilder<number, true>('double', true);

export type Fields = Readonly<Record<string, Field>>;

type RequiredKeys<F extends Fields> = { [K in keyof F]: F[K] extends Field<unknown, true> ? K : never }[keyof F];
type ValueOf<F> = F extends Field<infer T> ? T : never;

/** The object a field list describes: required fields present, the others optional. */
export type HeaderOf<F extends Fields> = { -readonly [K in RequiredKeys<F>]: ValueOf<F[K]> } & {
  -readonly [K in Exclude<keyof F, RequiredKeys<F>>]?: ValueOf<F[K]> | undefined;
};

/** What a caller passes: all that a reader would get, since callers are explicit; but texts are texts. */
export type HeaderInput<F extends Fields> = {
  readonly [K in keyof HeaderOf<F>]: HeaderOf<F>[K] extends Utf8Text | undefined
    ? string | Exclude<HeaderOf<F>[K], Utf8Text>
    : HeaderOf<F>[K];
};

/** What a header is written from: texts may be what is a text only once it is written. */
export type WrittenHeader<F extends Fields> = {
  readonly [K in keyof HeaderOf<F>]: HeaderOf<F>[K] extends string | undefined
    ? HeaderOf<F>[K] | AsciiText
    : HeaderOf<F>[K];
};

/** Header fields as they came: text mostly, but ali-ons sends numbers and booleans unquoted. Null prototype. */
export type ExtFields = Readonly<Record<string, unknown>>;
