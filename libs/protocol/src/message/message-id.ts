import { RocketMQError } from '../../../common/src/index.js';
import { writeHexWord, type AsciiText } from '../ascii-text.js';
import { hostBytes, hostText } from './host-bytes.js';

/*
 * The id a broker gives: upper-case hex of store host (4 or 16 bytes), port (int32) and physical offset (int64).
 * Whoever looks the message up dials the address in it.
 */

export interface OffsetMessageId {
  readonly ip: string;
  readonly port: number;
  readonly offset: number;
}

export function offsetMessageId(ip: string, port: number, offset: number): string {
  return hostBytes(ip).toString('hex').toUpperCase() + hex(port, 8) + hex(offset, 16);
}

const two32 = 0x1_0000_0000;

/** The ids of one address, one at a time, for headers. */
export class OffsetMessageIdText implements AsciiText {
  readonly length: number;
  offset = 0;
  private readonly prefix: Buffer;

  constructor(ip: string, port: number) {
    const id = Buffer.from(offsetMessageId(ip, port, 0), 'latin1');
    this.length = id.length;
    this.prefix = id.subarray(0, -16);
  }

  writeTo(bytes: Uint8Array, at: number): void {
    const { prefix, offset } = this;
    for (let i = 0; i < prefix.length; i++) bytes[at + i] = prefix[i] as number;
    const offsetAt = at + prefix.length;
    writeHexWord(bytes, offsetAt, Math.floor(offset / two32));
    writeHexWord(bytes, offsetAt + 8, offset | 0);
  }

  toString(): string {
    const bytes = Buffer.alloc(this.length);
    this.writeTo(bytes, 0);
    return bytes.toString('latin1');
  }
}

/** The ids of the messages of a batch, with commas between. */
export class OffsetMessageIdsText implements AsciiText {
  offsets: readonly number[] = [];

  constructor(private readonly id: OffsetMessageIdText) {}

  get length(): number {
    return Math.max(0, this.offsets.length * (this.id.length + 1) - 1);
  }

  writeTo(bytes: Uint8Array, start: number): void {
    const { id, offsets } = this;
    let at = start;
    for (let i = 0; i < offsets.length; i++) {
      if (i > 0) bytes[at++] = comma;
      id.offset = offsets[i] as number;
      id.writeTo(bytes, at);
      at += id.length;
    }
  }

  toString(): string {
    const bytes = Buffer.alloc(this.length);
    this.writeTo(bytes, 0);
    return bytes.toString('latin1');
  }
}

const comma = 0x2c;

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** @throws RocketMQError ARGUMENT_INVALID when `id` is no such id. */
export function parseOffsetMessageId(id: string): OffsetMessageId {
  const ipLength = id.length === 32 ? 4 : 16;
  if (!/^([0-9a-fA-F]{32}|[0-9a-fA-F]{56})$/.test(id)) throw invalidId(id);
  const bytes = Buffer.from(id, 'hex');
  const offset = bytes.readBigInt64BE(ipLength + 4);
  const port = bytes.readInt32BE(ipLength);
  if (offset < 0n || offset > BigInt(Number.MAX_SAFE_INTEGER) || port < 0 || port > 0xffff) throw invalidId(id);
  return { ip: hostText(bytes, 0, ipLength), port, offset: Number(offset) };
}

function invalidId(id: string): RocketMQError {
  return new RocketMQError(
    'ARGUMENT_INVALID',
    `${JSON.stringify(id.slice(0, 64))} is no message id: 32 or 56 hexadecimal digits of host, port and offset`,
  );
}
