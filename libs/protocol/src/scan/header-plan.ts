import { RocketMQError } from '../../../common/src/index.js';
import { Utf8Text } from '../message/utf8-text.js';
import type { Field, FieldKind, Fields } from '../field.js';
import type { FieldValues } from './field-values.js';

/** A key that only the plain decoder knows how to weigh: an alias counts when the real key is absent. */
export const undecided = -2;
export const unknownKey = -1;

const largestTable = 4096;
/** More fields than this do not fit the scanner's bit set; no request has as many. */
const mostFields = 31;

export type Header = Record<string, unknown>;

/** A header object to begin with. */
export interface HeaderTemplate {
  readonly header: Readonly<Header>;
  /** Bits of the slots that have their value in `header` already. */
  readonly present: number;
  /** The slots to look for among the values of a scan. */
  readonly slots: readonly number[];
}

/**
 * A header declaration compiled for scanning: wire key to slot through a hash without collisions, and a template object
 * to copy, so that all headers of one request have the same hidden class.
 */
export class HeaderPlan {
  readonly names: readonly string[];
  readonly kinds: readonly FieldKind[];
  /** By slot: whether an empty text stays a text. Elsewhere it counts as absent. */
  readonly keepsEmpty: readonly boolean[];
  /** Bits of the slots whose absence the plain decoder has to judge. */
  private readonly mandatory: number;
  private readonly keys: readonly Buffer[];
  private readonly slots: readonly number[];
  private readonly table: Int16Array;
  private readonly seed: number;
  /** Nothing but the fallbacks. */
  readonly blank: HeaderTemplate;
  private readonly copy: (header: Readonly<Header>) => Header;

  private constructor(fields: Fields, code: number) {
    const entries = Object.entries(fields);
    this.names = entries.map(([name]) => name);
    this.kinds = entries.map(([, field]) => field.kind);
    this.keepsEmpty = entries.map(
      ([, { kind, required, fallback }]) => kind === 'text' && required && fallback === undefined,
    );
    this.mandatory = entries.reduce((bits, [, field], slot) => bits | (isMandatory(field) ? 1 << slot : 0), 0);
    this.blank = {
      header: inOnePiece(entries.map(([name, field]) => [name, field.fallback])),
      present: 0,
      slots: [...entries.keys()],
    };
    this.copy = copiers[code % copiers.length] as (typeof copiers)[number];
    const keyed = entries.flatMap(([name, field], slot): [string, number][] => [
      [field.wireKey ?? name, slot],
      ...field.aliases.map((alias): [string, number] => [alias, undecided]),
    ]);
    this.keys = keyed.map(([key]) => Buffer.from(key, 'utf8'));
    this.slots = keyed.map(([, slot]) => slot);
    [this.table, this.seed] = withoutCollisions(this.keys);
  }

  /** Undefined: for the plain decoder. Made once for all decoders: the search for a hash is most of a server's start. */
  static of(fields: Fields, code: number): HeaderPlan | undefined {
    const made = plansMade.get(fields);
    if (made !== undefined || Object.keys(fields).length > mostFields) return made;
    const plan = new HeaderPlan(fields, code);
    plansMade.set(fields, plan);
    return plan;
  }

  /** The slot of the key in these bytes, `unknownKey`, or `undecided`. */
  slotOf(bytes: Buffer, start: number, end: number): number {
    const { table } = this;
    const index = table[hashKey(bytes, start, end, this.seed) & (table.length - 1)] as number;
    if (index < 0) return unknownKey;
    const key = this.keys[index] as Buffer;
    if (key.length !== end - start) return unknownKey;
    for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return unknownKey;
    return this.slots[index] as number;
  }

  /** The header as far as it has none of `slots`. */
  without(header: Readonly<Header>, present: number, slots: readonly number[]): HeaderTemplate {
    const left = this.names.map((name, slot): [string, unknown] => [
      name,
      (slots.includes(slot) ? this.blank.header : header)[name],
    ]);
    return { header: inOnePiece(left), present: slots.reduce((bits, slot) => bits & ~(1 << slot), present), slots };
  }

  /** The header with nothing in it that is lent. */
  kept(header: Readonly<Header>): Header {
    const kept = { ...header };
    for (const [name, value] of Object.entries(header)) if (value instanceof Utf8Text) kept[name] = value.copy();
    return kept;
  }

  /** The header object, or undefined when a mandatory field has no value. */
  fill(template: HeaderTemplate, values: FieldValues): Header | undefined {
    if (((template.present | values.present) & this.mandatory) !== this.mandatory) return undefined;
    const header = this.copy(template.header);
    const { names } = this;
    const { slots } = template;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number;
      if ((values.present & (1 << slot)) !== 0) header[names[slot] as string] = values.bySlot[slot];
    }
    return header;
  }
}

/** By the declared fields. Plans do not change. */
const plansMade = new WeakMap<Fields, HeaderPlan>();

/** JSON.parse makes objects with room for just their fields; others have most of them in a second piece of memory. */
function inOnePiece(entries: readonly (readonly [string, unknown])[]): Header {
  const nulls = entries.map(([name]) => `${JSON.stringify(name)}:null`);
  const header = JSON.parse(`{${nulls.join(',')}}`) as Header;
  for (const [name, value] of entries) header[name] = value;
  return header;
}

/**
 * Copying an object takes 50 ns at a place in the code that has met up to four hidden classes, and 350 ns at one that
 * has met more. There are more requests than that, so they share these places among them.
 */
const copiers = [
  (header: Readonly<Header>): Header => ({ ...header }),
  (header: Readonly<Header>): Header => ({ ...header }),
  (header: Readonly<Header>): Header => ({ ...header }),
  (header: Readonly<Header>): Header => ({ ...header }),
  (header: Readonly<Header>): Header => ({ ...header }),
  (header: Readonly<Header>): Header => ({ ...header }),
  (header: Readonly<Header>): Header => ({ ...header }),
  (header: Readonly<Header>): Header => ({ ...header }),
  (header: Readonly<Header>): Header => ({ ...header }),
  (header: Readonly<Header>): Header => ({ ...header }),
  (header: Readonly<Header>): Header => ({ ...header }),
  (header: Readonly<Header>): Header => ({ ...header }),
  (header: Readonly<Header>): Header => ({ ...header }),
] as const;

function isMandatory(field: Field): boolean {
  return field.required && field.fallback === undefined;
}

function hashKey(bytes: Uint8Array, start: number, end: number, seed: number): number {
  return Math.imul(keyWord(bytes, start, end), seed) >>> 16;
}

/** What the hash knows of a key. */
function keyWord(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  // minOffset and maxOffset differ in the first quarter only.
  const inner = ((bytes[start + (length >> 1)] as number) << 8) | ((bytes[start + (length >> 2)] as number) << 16);
  return ((bytes[start] as number) | inner | ((bytes[end - 1] as number) << 24)) ^ (length << 5);
}

/** Tries seeds, then larger tables, until every key has a place of its own. A pair that `hashKey` cannot tell apart never has. */
function withoutCollisions(keys: readonly Buffer[]): [table: Int16Array, seed: number] {
  const words = keys.map((key) => keyWord(key, 0, key.length));
  for (let size = 64; size <= largestTable; size *= 2) {
    const table = new Int16Array(size);
    for (let seed = 0x9e3779b1; seed > 0x9e3779b1 - 2000; seed -= 2) {
      table.fill(-1);
      if (words.every((word, i) => place(table, (Math.imul(word, seed) >>> 16) & (size - 1), i))) return [table, seed];
    }
  }
  throw new RocketMQError('ARGUMENT_INVALID', `header keys that look alike: ${keys.join(', ')}`);
}

function place(table: Int16Array, at: number, index: number): boolean {
  if (table[at] !== -1) return false;
  table[at] = index;
  return true;
}
