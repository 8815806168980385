import { messageCrc } from '../../../protocol/src/message/index.js';
import { readInt64 } from '../commit-log/record-reader.js';

/*
 * A unit of the timer log, 52 bytes, big-endian, as 5.3.3 writes it:
 *    0  int32  52
 *    4  int64  position of the unit before it in the same slot, -1 for the first
 *   12  int32  magic: what the unit is for
 *   16  int64  when it was written, whole slots
 *   24  int32  slot it stands in, in milliseconds after that
 *   28  int64  physical offset of the waiting message
 *   36  int32  bytes of its record
 *   40  int32  Java's hash of the topic it is for
 *   44  int64  reserved, 0 in Java, which never looks at it
 * Ours has a check of the unit in the first 16 bits of the reserved word, never 0, and the instant of delivery in the
 * other 48: Java works in whole slots, and a unit that a crash tore has to be told from a whole one.
 * What is left of a file is a blank: its length, a zero word, and a magic of its own.
 */
export const timerUnitSize = 52;
export const timerBlankSize = 16;
const blankMagic = (0xbbccddee ^ (1_880_681_586 + 8)) | 0;

/** Bits of the magic. */
export const TimerMagic = {
  DEFAULT: 1,
  /** Due later than the wheel reaches: appended to the timer's queue once more when its slot has come. */
  ROLL: 2,
  /** Cancels another message. */
  DELETE: 4,
} as const;

export interface TimerUnit {
  /** -1: the first of its slot. */
  readonly previous: number;
  readonly magic: number;
  /** Milliseconds since the epoch. */
  readonly writeTime: number;
  readonly slotTime: number;
  readonly physicalOffset: number;
  readonly size: number;
  readonly topicHash: number;
  /** Undefined in a unit of Java's. */
  readonly deliverTime: number | undefined;
}

export function encodeTimerUnit(unit: TimerUnit, target: Buffer, at: number): void {
  target.writeInt32BE(timerUnitSize, at);
  target.writeBigInt64BE(BigInt(unit.previous), at + 4);
  target.writeInt32BE(unit.magic, at + 12);
  target.writeBigInt64BE(BigInt(unit.writeTime), at + 16);
  target.writeInt32BE(unit.slotTime - unit.writeTime, at + 24);
  target.writeBigInt64BE(BigInt(unit.physicalOffset), at + 28);
  target.writeInt32BE(unit.size, at + 36);
  target.writeInt32BE(unit.topicHash, at + 40);
  target.writeUIntBE(unit.deliverTime ?? 0, at + 46, 6);
  target.writeUInt16BE(unit.deliverTime === undefined ? 0 : checkOf(target, at), at + 44);
}

export type TimerUnitReading = TimerUnit | 'blank' | 'damaged';

/** What stands there; `damaged` when it is neither a unit nor a blank, zeros included. */
export function decodeTimerUnit(bytes: Buffer, at: number): TimerUnitReading {
  if (at + timerBlankSize <= bytes.length && bytes.readInt32BE(at + 12) === blankMagic) return 'blank';
  if (at + timerUnitSize > bytes.length || bytes.readInt32BE(at) !== timerUnitSize) return 'damaged';
  const magic = bytes.readInt32BE(at + 12);
  const check = bytes.readUInt16BE(at + 44);
  const deliverTime = bytes.readUIntBE(at + 46, 6);
  if ((magic | 0xf) !== 0xf || (check !== 0 && check !== checkOf(bytes, at))) return 'damaged';
  const writeTime = readInt64(bytes, at + 16);
  const unit = {
    previous: readInt64(bytes, at + 4),
    magic,
    writeTime,
    slotTime: writeTime + bytes.readInt32BE(at + 24),
    physicalOffset: readInt64(bytes, at + 28),
    size: bytes.readInt32BE(at + 36),
    topicHash: bytes.readInt32BE(at + 40),
    deliverTime: check === 0 ? undefined : deliverTime,
  };
  return unit.size > 0 && unit.physicalOffset >= 0 && unit.slotTime > 0 ? unit : 'damaged';
}

/** The rest of a file that holds no unit any more. */
export function encodeTimerBlank(length: number): Buffer {
  const bytes = Buffer.alloc(timerBlankSize);
  bytes.writeInt32BE(length, 0);
  bytes.writeInt32BE(blankMagic, 12);
  return bytes;
}

function checkOf(bytes: Buffer, at: number): number {
  const crc = messageCrc(bytes, at, at + 44) ^ Math.imul(messageCrc(bytes, at + 46, at + timerUnitSize), 31);
  return (crc ^ (crc >>> 16)) & 0xffff || 1;
}
