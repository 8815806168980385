import type { Field, FieldKind, Fields } from '../field.js';

/** A key that only the plain decoder knows how to weigh: an alias counts when the real key is absent. */
export const undecided = -2;
export const unknownKey = -1;

/** More fields than this do not fit the scanner's bit set; no request has as many. */
const mostFields = 31;

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
  private readonly template: Readonly<Record<string, unknown>>;

  private constructor(fields: Fields) {
    const entries = Object.entries(fields);
    this.names = entries.map(([name]) => name);
    this.kinds = entries.map(([, field]) => field.kind);
    this.keepsEmpty = entries.map(
      ([, { kind, required, fallback }]) => kind === 'text' && required && fallback === undefined,
    );
    this.mandatory = entries.reduce((bits, [, field], slot) => bits | (isMandatory(field) ? 1 << slot : 0), 0);
    this.template = Object.fromEntries(entries.map(([name, field]) => [name, field.fallback]));
    const keyed = entries.flatMap(([name, field], slot): [string, number][] => [
      [field.wireKey ?? name, slot],
      ...field.aliases.map((alias): [string, number] => [alias, undecided]),
    ]);
    this.keys = keyed.map(([key]) => Buffer.from(key, 'utf8'));
    this.slots = keyed.map(([, slot]) => slot);
    [this.table, this.seed] = withoutCollisions(this.keys);
  }

  static of(fields: Fields): HeaderPlan | undefined {
    return Object.keys(fields).length > mostFields ? undefined : new HeaderPlan(fields);
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

  /** The header object, or undefined when a mandatory field is not among `values`. */
  build(values: FieldValues): Record<string, unknown> | undefined {
    if ((values.present & this.mandatory) !== this.mandatory) return undefined;
    const header: Record<string, unknown> = { ...this.template };
    const { names } = this;
    for (let slot = 0; slot < names.length; slot++) {
      if ((values.present & (1 << slot)) !== 0) header[names[slot] as string] = values.bySlot[slot];
    }
    return header;
  }
}

/** What a scan has found so far. Used again for every frame. */
export class FieldValues {
  readonly bySlot: unknown[] = [];
  /** Bits of the slots whose key came. */
  seen = 0;
  /** Bits of the slots that have a value. */
  present = 0;

  clear(): void {
    this.seen = 0;
    this.present = 0;
  }

  set(slot: number, value: unknown): void {
    this.bySlot[slot] = value;
    this.present |= 1 << slot;
  }

  /** False when the key came before: which one counts is for the plain decoder to say. */
  see(slot: number): boolean {
    const bit = 1 << slot;
    if ((this.seen & bit) !== 0) return false;
    this.seen |= bit;
    return true;
  }
}

function isMandatory(field: Field): boolean {
  return field.required && field.fallback === undefined;
}

function hashKey(bytes: Uint8Array, start: number, end: number, seed: number): number {
  const middle = bytes[(start + end) >> 1] as number;
  return (
    Math.imul((end - start) * 31 + (bytes[start] as number) * 7 + middle * 3 + (bytes[end - 1] as number), seed) >>> 16
  );
}

/** Tries seeds, then larger tables, until every key has a place of its own. */
function withoutCollisions(keys: readonly Buffer[]): [table: Int16Array, seed: number] {
  for (let size = 64; ; size *= 2) {
    for (let seed = 0x9e3779b1; seed > 0x9e3779b1 - 2000; seed -= 2) {
      const table = new Int16Array(size).fill(-1);
      if (keys.every((key, i) => place(table, hashKey(key, 0, key.length, seed) & (size - 1), i))) return [table, seed];
    }
  }
}

function place(table: Int16Array, at: number, index: number): boolean {
  if (table[at] !== -1) return false;
  table[at] = index;
  return true;
}
