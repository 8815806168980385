import { readInt64 } from '../commit-log/record-reader.js';
import type { ReadOnlyDisk } from '../disk/read-only-disk.js';

/*
 * An index file, big-endian:
 *    0  int64  store time of the first message
 *    8  int64  of the last one
 *   16  int64  physical offset of the first message
 *   24  int64  of the last one
 *   32  int32  slots in use
 *   36  int32  number of the next item; the first item is 1
 *   40  int32 for each slot: number of its newest item, 0 for none
 *    then 20 bytes for each item: int32 hash, int64 physical offset, int32 seconds after the first store time,
 *    int32 number of the item before it in the slot, 0 for none. The place of item 0 stays empty.
 */
export const indexHeaderSize = 40;
export const indexSlotSize = 4;
export const indexItemSize = 20;

export interface IndexShape {
  /** maxHashSlotNum; else four items a slot are assumed, which is Apache's ratio. */
  readonly slots?: number;
}

export interface IndexHeader {
  readonly beginTimestamp: number;
  readonly endTimestamp: number;
  readonly beginOffset: number;
  readonly endOffset: number;
  readonly usedSlots: number;
  /** Number of the next item: one more than there are. */
  readonly nextItem: number;
}

export interface IndexLayout {
  readonly path: string;
  readonly length: number;
  readonly allocated: number;
  readonly header: IndexHeader;
  /** Undefined when the length fits no number of slots and items. */
  readonly room: { readonly slots: number; readonly items: number } | undefined;
}

/** Header and shape of an index file. */
export function readIndexLayout(disk: ReadOnlyDisk, path: string, shape: IndexShape = {}): IndexLayout {
  const { length, allocated } = disk.usage(path) ?? { length: 0, allocated: 0 };
  const bytes = Buffer.alloc(indexHeaderSize);
  const fd = disk.open(path, false);
  try {
    disk.readSync(fd, bytes, 0);
  } finally {
    disk.close(fd);
  }
  const header = {
    beginTimestamp: readInt64(bytes, 0),
    endTimestamp: readInt64(bytes, 8),
    beginOffset: readInt64(bytes, 16),
    endOffset: readInt64(bytes, 24),
    usedSlots: bytes.readInt32BE(32),
    nextItem: Math.max(1, bytes.readInt32BE(36)),
  };
  return { path, length, allocated, header, room: roomIn(length, shape) };
}

function roomIn(length: number, shape: IndexShape): IndexLayout['room'] {
  const body = length - indexHeaderSize;
  const slots = shape.slots ?? body / (indexSlotSize + 4 * indexItemSize);
  const items = (body - slots * indexSlotSize) / indexItemSize;
  const isWhole = Number.isInteger(slots) && Number.isInteger(items) && slots > 0 && items > 0;
  return isWhole ? { slots, items } : undefined;
}
