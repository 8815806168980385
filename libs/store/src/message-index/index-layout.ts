/*
 * An index file, big-endian, full-size from its creation:
 *    0  header, 40 bytes
 *         0  int64  store time of the first record in the file   } taken over from the file before
 *         8  int64  store time of the last one                    } until the first item comes
 *        16  int64  physical offset of the first record           }
 *        24  int64  physical offset of the last one               }
 *        32  int32  slots in use
 *        36  int32  place of the next item; 1 when there is none yet, for place 0 stays empty
 *   40  slots, int32 each: place of the newest item whose hash falls into the slot, 0 = none
 *       items, 20 bytes each:
 *         0  int32  hash of "topic#key", never negative
 *         4  int64  physical offset of the record
 *        12  int32  seconds between the header's first time and the record's store time
 *        16  int32  place of the next older item of the slot, 0 = none
 */
import { readInt64 } from '../commit-log/record-reader.js';

export const headerSize = 40;
export const slotSize = 4;
export const itemSize = 20;

const two32 = 0x1_0000_0000;

/** What a file has room for; the same for all files of a store. */
export class IndexShape {
  readonly fileSize: number;

  constructor(
    readonly slots: number,
    /** Places for items, the empty first one included. */
    readonly places: number,
  ) {
    this.fileSize = headerSize + slots * slotSize + places * itemSize;
  }

  slotPosition(slot: number): number {
    return headerSize + slot * slotSize;
  }

  itemPosition(place: number): number {
    return headerSize + this.slots * slotSize + place * itemSize;
  }
}

export class IndexHeader {
  beginTimestamp = 0;
  endTimestamp = 0;
  beginOffset = 0;
  endOffset = 0;
  usedSlots = 0;
  /** Place of the next item. */
  next = 1;

  /** As a file has it that follows another one. */
  static after(previous: IndexHeader | undefined): IndexHeader {
    const header = new IndexHeader();
    if (!previous) return header;
    header.beginOffset = header.endOffset = previous.endOffset;
    header.beginTimestamp = header.endTimestamp = previous.endTimestamp;
    return header;
  }

  static read(bytes: Buffer): IndexHeader {
    const header = new IndexHeader();
    header.beginTimestamp = readInt64(bytes, 0);
    header.endTimestamp = readInt64(bytes, 8);
    header.beginOffset = readInt64(bytes, 16);
    header.endOffset = readInt64(bytes, 24);
    header.usedSlots = bytes.readInt32BE(32);
    header.next = Math.max(1, bytes.readInt32BE(36));
    return header;
  }

  encode(): Buffer {
    const bytes = Buffer.alloc(headerSize);
    bytes.writeBigInt64BE(BigInt(this.beginTimestamp), 0);
    bytes.writeBigInt64BE(BigInt(this.endTimestamp), 8);
    bytes.writeBigInt64BE(BigInt(this.beginOffset), 16);
    bytes.writeBigInt64BE(BigInt(this.endOffset), 24);
    bytes.writeInt32BE(this.usedSlots, 32);
    bytes.writeInt32BE(this.next, 36);
    return bytes;
  }
}

export interface IndexItem {
  readonly hash: number;
  readonly physicalOffset: number;
  readonly seconds: number;
  /** Place of the next older item of the slot. */
  readonly previous: number;
}

export function readItem(view: DataView, at: number): IndexItem {
  return {
    hash: view.getInt32(at),
    physicalOffset: view.getInt32(at + 4) * two32 + view.getUint32(at + 8),
    seconds: view.getInt32(at + 12),
    previous: view.getInt32(at + 16),
  };
}

export function writeItem(
  view: DataView,
  at: number,
  hash: number,
  physicalOffset: number,
  seconds: number,
  previous: number,
): void {
  view.setInt32(at, hash);
  view.setInt32(at + 4, Math.floor(physicalOffset / two32));
  view.setInt32(at + 8, physicalOffset | 0);
  view.setInt32(at + 12, seconds);
  view.setInt32(at + 16, previous);
}

export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Local time in digits, yyyyMMddHHmmssSSS. */
export function isIndexName(name: string): boolean {
  return /^\d{17}$/.test(name);
}

/**
 * The name of a file made now. Names are the order of the files: one that would not come after `last` (a second file
 * in one millisecond, a clock set back, the end of summer time) is the next millisecond's.
 */
export function indexName(now: number, last: string | undefined): string {
  const date = new Date(now);
  // The fields of local time, read as if they were UTC: there every hour exists once.
  const local = Date.UTC(
    date.getFullYear(),
    date.getMonth(),
    date.getDate(),
    date.getHours(),
    date.getMinutes(),
    date.getSeconds(),
    date.getMilliseconds(),
  );
  const name = digits(local);
  if (last === undefined || name > last) return name;
  return digits(Date.parse(last.replace(/^(....)(..)(..)(..)(..)(..)(...)$/, '$1-$2-$3T$4:$5:$6.$7Z')) + 1);
}

function digits(utc: number): string {
  return new Date(utc).toISOString().replaceAll(/\D/g, '');
}
