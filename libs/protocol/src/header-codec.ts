import { RocketMQError } from '../../common/src/index.js';
import type { ExtFields, Field, FieldKind, Fields, HeaderInput, HeaderOf } from './field.js';
import { Utf8Text } from './message/utf8-text.js';

/**
 * Header objects from and to the text fields of a command. The plain, readable codec: any faster one must agree with it.
 */

/**
 * Reads a declared header. Lenient as Java: unknown keys are ignored, "" and absent are the same for texts, numbers and
 * booleans may come unquoted.
 *
 * @throws RocketMQError PROTOCOL_VIOLATION naming the field that is missing or no value of its kind.
 */
export function decodeHeader<F extends Fields>(fields: F, ext: ExtFields): HeaderOf<F> {
  const header: Record<string, unknown> = {};
  for (const name in fields) {
    const field = fields[name] as Field;
    const value = decodeField(name, field, rawValue(name, field, ext));
    if (value !== undefined) header[name] = value;
  }
  return header as HeaderOf<F>;
}

function rawValue(name: string, field: Field, ext: ExtFields): unknown {
  const value = ext[field.wireKey ?? name];
  if (value !== undefined && value !== null) return value;
  for (const alias of field.aliases) if (ext[alias] !== undefined && ext[alias] !== null) return ext[alias];
  return undefined;
}

type FieldValue = string | number | boolean | Utf8Text;

function decodeField(name: string, field: Field, raw: unknown): FieldValue | undefined {
  const key = field.wireKey === undefined || field.wireKey === name ? name : `${name} (${field.wireKey})`;
  if (raw !== undefined && raw !== '') return valueDecoders[field.kind](key, raw);
  if (field.fallback !== undefined) return field.fallback as FieldValue;
  if (!field.required) return undefined;
  if (field.kind === 'text' && raw === '') return '';
  throw new RocketMQError('PROTOCOL_VIOLATION', `the custom field <${key}> is null`);
}

const valueDecoders: Readonly<Record<FieldKind, (key: string, raw: unknown) => FieldValue>> = {
  text: (key, raw) => scalarText(key, 'a text', raw),
  utf8: (key, raw) => Utf8Text.from(scalarText(key, 'a text', raw)),
  int: decodeInt,
  long: decodeLong,
  bool: (key, raw) => scalarText(key, 'true or false', raw).toLowerCase() === 'true',
  double: decodeDouble,
};

function scalarText(key: string, kind: string, raw: unknown): string {
  if (typeof raw === 'string') return raw;
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw);
  return wrongKind(key, kind, raw);
}

function wrongKind(key: string, kind: string, raw: unknown): never {
  const shown = typeof raw === 'string' ? JSON.stringify(raw.slice(0, 64)) : `a ${typeof raw}`;
  throw new RocketMQError('PROTOCOL_VIOLATION', `the custom field <${key}> must be ${kind}, not ${shown}`);
}

function decodeDouble(key: string, raw: unknown): number {
  const number = Number(scalarText(key, 'a number', raw));
  return Number.isFinite(number) ? number : wrongKind(key, 'a number', raw);
}

function decodeInt(key: string, raw: unknown): number {
  const value = wholeNumber(raw);
  if (value === undefined || value < -(2 ** 31) || value >= 2 ** 31) return wrongKind(key, 'a 32-bit integer', raw);
  return value;
}

const longMax = 2n ** 63n - 1n;

/**
 * 64-bit integers as numbers: exact up to 2^53, which no offset and no time reaches. Values beyond (Java sends
 * Long.MAX_VALUE for "no limit") round to the nearest double; outside 64 bits they are refused.
 */
function decodeLong(key: string, raw: unknown): number {
  const value = wholeNumber(raw);
  if (value === undefined) return wrongKind(key, 'a 64-bit integer', raw);
  if (Number.isSafeInteger(value)) return value;
  const exact = BigInt(raw as string | number);
  if (exact > longMax || exact < -longMax - 1n) return wrongKind(key, 'a 64-bit integer', raw);
  return Number(exact);
}

function wholeNumber(raw: unknown): number | undefined {
  if (typeof raw === 'number') return Number.isInteger(raw) ? raw : undefined;
  return typeof raw === 'string' && /^[+-]?\d{1,20}$/.test(raw) ? Number(raw) : undefined;
}

/**
 * The fields to write, in declaration order, `extra` after them.
 *
 * @throws RocketMQError ARGUMENT_INVALID when a required field is undefined: a bug of the caller, told before sending.
 */
export function encodeHeader<F extends Fields>(
  fields: F,
  header: HeaderInput<F>,
  extra?: ExtraFields,
): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (const name in fields) {
    const field = fields[name] as Field;
    const value = (header as Record<string, unknown>)[name] ?? field.fallback;
    if (value === undefined || value === null) {
      if (field.required) throw new RocketMQError('ARGUMENT_INVALID', `header field ${name} is not set`);
      continue;
    }
    pairs.push([field.wireKey ?? name, encodeValue(field, value)]);
  }
  if (extra) for (const key in extra) pairs.push([key, extra[key] as string]);
  return pairs;
}

/** Undeclared fields added beside the header: signatures, trace marks. */
export type ExtraFields = Readonly<Record<string, string>>;

/** A field's text on the wire. */
export function encodeValue(field: Field, value: unknown): string {
  if (field.kind === 'long' && typeof value === 'number' && !Number.isSafeInteger(value)) {
    return value > 0 ? longMax.toString() : (-longMax - 1n).toString();
  }
  return String(value);
}
