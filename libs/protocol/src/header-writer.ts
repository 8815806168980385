/*
 * HOT PATH (every reply, every request we send). Copies each field once, from the header object into the sink; allocates
 * nothing; calls the sink only. Benchmark: send. `encodeHeader` says the same more plainly and is what it is tested by.
 */
import { RocketMQError } from '../../common/src/index.js';
import type { AsciiText } from './ascii-text.js';
import type { ByteSink } from './byte-sink.js';
import type { Field, Fields } from './field.js';
import { encodeValue, type ExtraFields } from './header-codec.js';

interface Slot {
  readonly name: string;
  readonly field: Field;
  /** `"key":"`, and the same after a comma. */
  readonly jsonOpen: Buffer;
  readonly jsonNext: Buffer;
  /** int16 length and key. */
  readonly binaryKey: Buffer;
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const trueText = Buffer.from('true');
const falseText = Buffer.from('false');

/** A field list compiled for writing: the keys are bytes already, in both serializers. */
export class HeaderWriter {
  /** Properties of the header, in the order they are written. */
  readonly names: readonly string[];
  private readonly slots: readonly Slot[];

  constructor(fields: Fields) {
    this.names = Object.keys(fields);
    this.slots = Object.entries(fields).map(([name, field]) => {
      const key = field.wireKey ?? name;
      const binaryKey = Buffer.alloc(2 + Buffer.byteLength(key));
      binaryKey.writeInt16BE(binaryKey.length - 2);
      binaryKey.write(key, 2);
      return { name, field, jsonOpen: Buffer.from(`"${key}":"`), jsonNext: Buffer.from(`,"${key}":"`), binaryKey };
    });
  }

  /** `"key":"` of the field at this place in `names`. */
  jsonKey(index: number): Buffer {
    return (this.slots[index] as Slot).jsonOpen;
  }

  /** Whether the field has a value to write. */
  isWritten(index: number, header: Readonly<Record<string, unknown>>): boolean {
    return valueOf(this.slots[index] as Slot, header) !== undefined;
  }

  /** Members without the braces around them; absent fields are left out. @throws RocketMQError ARGUMENT_INVALID */
  writeJson(sink: ByteSink, header: Readonly<Record<string, unknown>>, extra: ExtraFields | undefined): void {
    const start = sink.position;
    for (const slot of this.slots) {
      const value = valueOf(slot, header);
      if (value === undefined) continue;
      sink.fragment(sink.position === start ? slot.jsonOpen : slot.jsonNext);
      if (typeof value === 'number' && Number.isSafeInteger(value)) sink.digits(value);
      else if (typeof value === 'boolean') sink.fragment(value ? trueText : falseText);
      else if (isAsciiText(value)) sink.ascii(value);
      else sink.jsonContent(encodeValue(slot.field, value));
      sink.int8(quote);
    }
    for (const key in extra) {
      if (sink.position > start) sink.int8(comma);
      sink.jsonText(key);
      sink.int8(colon);
      sink.jsonText(extra[key] as string);
    }
  }

  /** Repeated key and value with their lengths. @throws RocketMQError ARGUMENT_INVALID */
  writeBinary(sink: ByteSink, header: Readonly<Record<string, unknown>>, extra: ExtraFields | undefined): void {
    for (const slot of this.slots) {
      const value = valueOf(slot, header);
      if (value === undefined) continue;
      sink.fragment(slot.binaryKey);
      const lengthAt = sink.position;
      sink.int32(0);
      if (typeof value === 'number' && Number.isSafeInteger(value)) sink.digits(value);
      else if (typeof value === 'boolean') sink.fragment(value ? trueText : falseText);
      else if (isAsciiText(value)) sink.ascii(value);
      else sink.utf8(encodeValue(slot.field, value));
      sink.setInt32(lengthAt, sink.position - lengthAt - 4);
    }
    for (const key in extra) {
      sink.text16(key);
      sink.text32(extra[key] as string);
    }
  }
}

function isAsciiText(value: unknown): value is AsciiText {
  return typeof value === 'object' && value !== null && 'writeTo' in value;
}

function valueOf({ name, field }: Slot, header: Readonly<Record<string, unknown>>): unknown {
  const value = header[name] ?? field.fallback;
  if (value !== undefined && value !== null) return value;
  if (field.required) throw new RocketMQError('ARGUMENT_INVALID', `header field ${name} is not set`);
  return undefined;
}

/** A header and what writes it: what a frame is made of, without anything in between. */
export class DeclaredHeader {
  constructor(
    readonly writer: HeaderWriter,
    readonly header: Readonly<Record<string, unknown>>,
    readonly extra: ExtraFields | undefined,
  ) {}
}
