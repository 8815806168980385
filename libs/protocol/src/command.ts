import { RocketMQError, messageOf } from '../../common/src/index.js';
import type { ByteSink } from './byte-sink.js';
import type { ExtFields } from './field.js';
import { DeclaredHeader } from './header-writer.js';
import { languageCode, languageNames, parseLanguage } from './language-code.js';

/*
 * One frame (RemotingCommand):
 *   int32  length of everything after itself
 *   int32  serializer in the top byte (0 JSON, 1 ROCKETMQ), header length in the low 24 bits
 *   header, in one of the two serializers
 *   body   the rest
 * JSON header: code, extFields (text -> text), flag, language (name), opaque, remark, serializeTypeCurrentRPC, version.
 * ROCKETMQ header: int16 code, int8 language, int16 version, int32 opaque, int32 flag, int32 length + remark,
 *   int32 length + repeated (int16 length + key, int32 length + value).
 */

export const Serializer = { JSON: 0, ROCKETMQ: 1 } as const;
export type SerializerCode = (typeof Serializer)[keyof typeof Serializer];

/** Bit 0: this is a response. Bit 1: nobody waits for a response. */
export const CommandFlag = { RESPONSE: 1, ONE_WAY: 2 } as const;

/** Whole frame, length word included: com.rocketmq.remoting.frameMaxLength. */
export const maxFrameLength = 16 * 1024 * 1024;
/**
 * Our own cap on a header; Apache has none below the frame's. Properties of 32,767 bytes fit even when JSON escapes each
 * of them with six characters.
 */
export const maxHeaderLength = 256 * 1024;
/** For replies to requests of ours: that to a batch names every message with 33 characters. */
export const maxReplyHeaderLength = 4 * 1024 * 1024;
/** Characters of a remark that are sent. */
const maxRemarkLength = 16 * 1024;

export interface CommandHead {
  readonly code: number;
  /** LanguageCode ordinal. */
  readonly language: number;
  /** MQVersion ordinal of the sender. */
  readonly version: number;
  readonly opaque: number;
  readonly flag: number;
  readonly remark: string;
  readonly serializer: SerializerCode;
}

export interface Command extends CommandHead {
  readonly ext: ExtFields;
  /** A view into the receive buffer: copy what must outlive the tick. */
  readonly body: Buffer;
}

export const isResponse = (head: CommandHead): boolean => (head.flag & CommandFlag.RESPONSE) !== 0;
export const isOneWay = (head: CommandHead): boolean => (head.flag & CommandFlag.ONE_WAY) !== 0;

function violation(message: string): RocketMQError {
  return new RocketMQError('PROTOCOL_VIOLATION', message);
}

/** Checks the length word of a frame. @throws RocketMQError PROTOCOL_VIOLATION when no such frame can be. */
export function checkFrameLength(length: number): void {
  if (length < 4) throw violation(`bad header: frame length ${length} is below 4`);
  if (length + 4 > maxFrameLength) throw violation(`frame length ${length} exceeds ${maxFrameLength}`);
}

/**
 * Decodes one frame without its length word: `frame` starts at the serializer byte.
 *
 * @throws RocketMQError PROTOCOL_VIOLATION saying what is wrong; the connection must be closed then.
 */
export function decodeCommand(frame: Buffer, maxHeader: number = maxHeaderLength): Command {
  const word = frame.readUInt32BE(0);
  const serializer = word >>> 24;
  const headerLength = word & 0xffffff;
  if (headerLength > frame.length - 4)
    throw violation(`bad header length ${headerLength} in a frame of ${frame.length}`);
  if (headerLength > maxHeader) throw violation(`header length ${headerLength} exceeds ${maxHeader}`);
  const header = frame.subarray(4, 4 + headerLength);
  const body = frame.subarray(4 + headerLength);
  if (serializer === Serializer.JSON) return decodeJsonHeader(header, body);
  if (serializer === Serializer.ROCKETMQ) return decodeBinaryHeader(header, body);
  throw violation(`unknown serialize type ${serializer}`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decodeJsonHeader(header: Buffer, body: Buffer): Command {
  if (header.length === 0) throw violation('bad header: empty');
  if (header.length > unchecked) checkNesting(header);
  let parsed: unknown;
  try {
    parsed = JSON.parse(utf8.decode(header));
  } catch (error) {
    throw violation(`bad header: ${messageOf(error).slice(0, 200)}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw violation('bad header: not an object');
  const fields = parsed as Record<string, unknown>;
  return {
    code: intMember(fields, 'code'),
    language: parseLanguage(fields.language),
    version: intMember(fields, 'version', 0),
    opaque: intMember(fields, 'opaque'),
    flag: intMember(fields, 'flag', 0),
    remark: typeof fields.remark === 'string' ? fields.remark : '',
    serializer: Serializer.JSON,
    ext: extMember(fields.extFields),
    body,
  };
}

/** Short headers cannot nest deep enough to take time. */
const unchecked = 4096;
const deepest = 16;

/** JSON.parse takes a tenth of a second for 100,000 arrays inside each other; headers have two levels. */
function checkNesting(header: Buffer): void {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < header.length; i++) {
    const byte = header[i];
    if (byte === 0x22) inText = !inText;
    else if (inText) i += byte === 0x5c ? 1 : 0;
    else if (byte === 0x5b || byte === 0x7b) depth++;
    else if (byte === 0x5d || byte === 0x7d) depth--;
    if (depth > deepest) throw violation(`bad header: more than ${deepest} levels`);
  }
}

function intMember(fields: Record<string, unknown>, name: string, fallback?: number): number {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (value === undefined && fallback !== undefined) return fallback;
  const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && (number | 0) === number) return number;
  throw violation(`bad header: ${name} is ${value === undefined ? 'missing' : 'no 32-bit integer'}`);
}

function extMember(value: unknown): ExtFields {
  if (value === undefined || value === null) return emptyExt;
  if (typeof value !== 'object' || Array.isArray(value)) throw violation('bad header: extFields is not an object');
  for (const name in value) {
    const field: unknown = (value as Record<string, unknown>)[name];
    if (typeof field === 'object' && field !== null)
      throw violation(`bad header: extFields.${name.slice(0, 64)} is no text`);
  }
  // Keys such as __proto__ must stay ordinary names.
  return Object.setPrototypeOf(value, null) as ExtFields;
}

const emptyExt: ExtFields = Object.freeze(Object.create(null) as Record<string, unknown>);
const fixedBinaryLength = 21;

function decodeBinaryHeader(header: Buffer, body: Buffer): Command {
  if (header.length < fixedBinaryLength) throw violation(`bad header length ${header.length}`);
  const remarkLength = header.readInt32BE(13);
  if (remarkLength < 0 || remarkLength > header.length - fixedBinaryLength)
    throw violation(`bad remark length ${remarkLength}`);
  const extAt = 17 + remarkLength;
  const extLength = header.readInt32BE(extAt);
  if (extLength < 0 || extLength > header.length - extAt - 4) throw violation(`bad ext fields length ${extLength}`);
  return {
    code: header.readInt16BE(0),
    language: parseLanguage(header.readUInt8(2)),
    version: header.readInt16BE(3),
    opaque: header.readInt32BE(5),
    flag: header.readInt32BE(9),
    remark: header.toString('utf8', 17, extAt),
    serializer: Serializer.ROCKETMQ,
    ext: extLength === 0 ? emptyExt : decodeBinaryExt(header.subarray(extAt + 4, extAt + 4 + extLength)),
    body,
  };
}

function decodeBinaryExt(bytes: Buffer): ExtFields {
  const ext = Object.create(null) as Record<string, unknown>;
  let at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length) throw violation('bad ext fields: cut key length');
    const keyLength = bytes.readInt16BE(at);
    const keyAt = at + 2;
    if (keyLength < 0 || keyAt + keyLength + 4 > bytes.length) throw violation(`bad ext key length ${keyLength}`);
    const valueLength = bytes.readInt32BE(keyAt + keyLength);
    const valueAt = keyAt + keyLength + 4;
    if (valueLength < 0 || valueAt + valueLength > bytes.length) throw violation(`bad ext value length ${valueLength}`);
    ext[bytes.toString('utf8', keyAt, keyAt + keyLength)] = bytes.toString('utf8', valueAt, valueAt + valueLength);
    at = valueAt + valueLength;
  }
  return ext;
}

/** Header fields to write, in order. */
export type ExtPairs = readonly (readonly [key: string, value: string])[];

/** A frame's header fields: texts in order, or a header with the writer of its declaration. */
export type ExtSource = ExtPairs | DeclaredHeader;

/**
 * Writes length word, header length word and header; `bodyLength` bytes of body must follow.
 *
 * @throws RocketMQError ARGUMENT_INVALID when the frame would exceed what any peer accepts.
 */
export function encodeHead(sink: ByteSink, head: CommandHead, ext: ExtSource, bodyLength: number): void {
  const start = sink.position;
  // The binary header has 16 bits for the code; peers read each frame by its own type.
  const serializer = head.code > 0x7fff ? Serializer.JSON : head.serializer;
  sink.int32(0);
  sink.int32(0);
  if (serializer === Serializer.JSON) writeJsonHeader(sink, head, ext);
  else writeBinaryHeader(sink, head, ext);
  const headerLength = sink.position - start - 8;
  const frameLength = 4 + headerLength + bodyLength;
  if (headerLength > 0xffffff || frameLength + 4 > maxFrameLength) {
    sink.position = start;
    throw new RocketMQError('ARGUMENT_INVALID', `frame length ${frameLength} exceeds ${maxFrameLength}`);
  }
  sink.setInt32(start, frameLength);
  sink.setInt32(start + 4, (serializer << 24) | headerLength);
}

const jsonPart = {
  code: Buffer.from('{"code":'),
  ext: Buffer.from(',"extFields":{'),
  flag: Buffer.from(',"flag":'),
  language: languageNames.map((name) => Buffer.from(`,"language":"${name}"`)),
  opaque: Buffer.from(',"opaque":'),
  remark: Buffer.from(',"remark":'),
  version: Buffer.from(',"serializeTypeCurrentRPC":"JSON","version":'),
};
const comma = 0x2c;
const colon = 0x3a;
const closeBrace = 0x7d;

/** Members in Java's (alphabetical) order; absent members are left out. */
function writeJsonHeader(sink: ByteSink, head: CommandHead, ext: ExtSource): void {
  sink.fragment(jsonPart.code);
  sink.digits(head.code);
  const extAt = sink.position;
  sink.fragment(jsonPart.ext);
  const membersAt = sink.position;
  if (ext instanceof DeclaredHeader) ext.writer.writeJson(sink, ext.header, ext.extra);
  else writeJsonPairs(sink, ext);
  if (sink.position === membersAt) sink.position = extAt;
  else sink.int8(closeBrace);
  sink.fragment(jsonPart.flag);
  sink.digits(head.flag);
  sink.fragment((jsonPart.language[head.language] ?? jsonPart.language[languageCode('OTHER')]) as Buffer);
  sink.fragment(jsonPart.opaque);
  sink.digits(head.opaque);
  if (head.remark !== '') {
    sink.fragment(jsonPart.remark);
    sink.jsonText(head.remark.slice(0, maxRemarkLength));
  }
  sink.fragment(jsonPart.version);
  sink.digits(head.version);
  sink.int8(closeBrace);
}

function writeJsonPairs(sink: ByteSink, pairs: ExtPairs): void {
  for (let i = 0; i < pairs.length; i++) {
    const [key, value] = pairs[i] as readonly [string, string];
    if (i > 0) sink.int8(comma);
    sink.jsonText(key);
    sink.int8(colon);
    sink.jsonText(value);
  }
}

function writeBinaryHeader(sink: ByteSink, head: CommandHead, ext: ExtSource): void {
  sink.int16(head.code);
  sink.int8(head.language);
  sink.int16(head.version);
  sink.int32(head.opaque);
  sink.int32(head.flag);
  sink.text32(head.remark.slice(0, maxRemarkLength));
  const lengthAt = sink.position;
  sink.int32(0);
  if (ext instanceof DeclaredHeader) ext.writer.writeBinary(sink, ext.header, ext.extra);
  else {
    for (const [key, value] of ext) {
      sink.text16(key);
      sink.text32(value);
    }
  }
  sink.setInt32(lengthAt, sink.position - lengthAt - 4);
}
