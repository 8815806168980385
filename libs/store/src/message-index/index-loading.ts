import type { IndexFile } from './index-file.js';
import { itemIn, type ItemRun } from './index-file.js';
import type { IndexItem } from './index-layout.js';
import type { IndexOpening, OpeningParts } from './index-opening.js';
import { RecordKeys } from './record-keys.js';
import { SlotTable } from './slot-table.js';

export interface LoadingParts extends OpeningParts {
  readonly readRecord: (physicalOffset: number) => Buffer | undefined | Promise<Buffer | undefined>;
  /** Store time of the record at a physical offset, -1 when none is there. */
  readonly recordTime: (physicalOffset: number) => number | Promise<number>;
}

/** Where indexing goes on: keys of this record, but for the first `skip`, and of all behind it are missing. */
export interface Resumption {
  readonly offset: number;
  readonly skip: number;
}

const itemsAtOnce = 4096;
const slotBytesAtOnce = 256 * 1024;

/** Makes the last file writable, in the background: its slots are read, or made again from its items. */
export async function loadLast(parts: LoadingParts, opening: IndexOpening): Promise<Resumption> {
  const { files, log, logger } = parts;
  let { isStored, next } = opening;
  let isComplete = opening.offset !== undefined;
  for (let file = files.last; file; file = files.last) {
    if (isStored) {
      if (!file.isFull) file.slots = await storedSlots(file);
      break;
    }
    const damage = await remake(parts, file, { ...opening, next: Math.min(next, file.shape.places) });
    if (damage !== undefined) {
      logger.error('a damaged file of the message index is made again from the commit log', { damage });
      isComplete = false;
    }
    if (file.header.next > 1) break;
    files.list.pop();
    files.remove([file]);
    next = files.last?.header.next ?? 1;
    isStored = (files.last?.header.endOffset ?? 0) < opening.limit;
  }
  if (opening.offset !== undefined && isComplete) return { offset: opening.offset, skip: 0 };
  const resumption = files.last ? await afterLastItem(parts) : undefined;
  if (resumption) return resumption;
  files.remove(files.list.splice(0));
  return { offset: log.minOffset, skip: 0 };
}

async function storedSlots(file: IndexFile): Promise<SlotTable> {
  const slots = new SlotTable(file.shape.slots);
  const zeros = Buffer.alloc(Math.min(slotBytesAtOnce, slots.bytes.length));
  const piece = Buffer.alloc(zeros.length);
  for (let at = 0; at < slots.bytes.length; at += piece.length) {
    const bytes = piece.subarray(0, Math.min(piece.length, slots.bytes.length - at));
    await file.slotBytes(at, bytes);
    // What is not written to costs no memory.
    if (bytes.compare(zeros, 0, bytes.length) !== 0) bytes.copy(slots.bytes, at);
  }
  return slots;
}

/**
 * Makes slots and header of a file again from its items within the bounds, and zeroes what is behind. The file has no item afterwards when nothing can be kept.
 *
 * Returns what is wrong with it, if so; then nothing is kept: what shows that an item is damaged may be a later one.
 */
async function remake(parts: LoadingParts, file: IndexFile, bounds: ItemBounds): Promise<string | undefined> {
  const slots = new SlotTable(file.shape.slots);
  const { header } = file;
  const hadBegin = header.next > 1 && header.beginTimestamp > 0 ? header.beginOffset : -1;
  const scan = await scanItems(file, slots, bounds);
  let { damage } = scan;
  file.cut(damage === undefined ? scan.place : 1);
  if (damage === undefined && scan.first && scan.last) {
    const { physicalOffset } = scan.first;
    if (physicalOffset !== hadBegin) header.beginTimestamp = await parts.recordTime(physicalOffset);
    header.beginOffset = physicalOffset;
    header.endOffset = scan.last.physicalOffset;
    const time = await parts.recordTime(header.endOffset);
    header.endTimestamp = time >= 0 ? time : header.beginTimestamp + scan.last.seconds * 1000;
    header.usedSlots = scan.usedSlots;
    if (header.beginTimestamp < 0) {
      damage = `${file.path}: the record of its first item is gone from the log`;
      file.cut(1);
    }
  }
  if (header.next === 1) return damage;
  for (let at = 0; at < slots.bytes.length; at += slotBytesAtOnce) {
    const bytes = Buffer.alloc(Math.min(slotBytesAtOnce, slots.bytes.length - at));
    await file.slotBytes(at, bytes);
    slots.compare(at, bytes);
  }
  file.slots = slots;
  await file.storeAll();
  return damage;
}

type ItemBounds = Pick<IndexOpening, 'next' | 'limit' | 'isWhole'>;

interface ItemScan {
  place: number;
  first: IndexItem | undefined;
  last: IndexItem | undefined;
  usedSlots: number;
  damage: string | undefined;
}

/** Items know the slot's item before them, so that each one is checked by those before it. */
async function scanItems(file: IndexFile, slots: SlotTable, bounds: ItemBounds): Promise<ItemScan> {
  const { next, limit } = bounds;
  const scan: ItemScan = { place: 1, first: undefined, last: undefined, usedSlots: 0, damage: undefined };
  while (scan.place < next) {
    const run = await file.items(scan.place, Math.min(itemsAtOnce, next - scan.place));
    for (let item = itemIn(run, scan.place); item; item = itemIn(run, scan.place)) {
      if (item.physicalOffset >= limit && isEnd(run, scan.place, item, bounds)) return scan;
      const slot = item.hash % slots.length;
      const isInOrder =
        item.physicalOffset >= (scan.last?.physicalOffset ?? 0) && item.physicalOffset < limit && item.seconds >= 0;
      const isWritten = item.hash !== 0 || item.physicalOffset !== 0;
      if (item.hash < 0 || !isWritten || !isInOrder || item.previous !== slots.get(slot)) {
        scan.damage = `${file.path}: the item at byte ${file.shape.itemPosition(scan.place)}`;
        return scan;
      }
      slots.set(slot, scan.place++);
      if (item.previous === 0) scan.usedSlots++;
      scan.first ??= item;
      scan.last = item;
    }
    if (run.count === 0) scan.damage = `${file.path} ends before its item ${scan.place}`;
    if (run.count === 0) break;
  }
  return scan;
}

/** Whether items are beyond the limit from a place on; one among others that are not is damaged. */
function isEnd(run: ItemRun, place: number, item: IndexItem, { next, limit, isWhole }: ItemBounds): boolean {
  // Some keys of the record at the limit may be there already.
  if (isWhole) return item.physicalOffset === limit;
  const following = place + 1 < next ? itemIn(run, place + 1) : undefined;
  return following === undefined || following.physicalOffset >= limit || following.physicalOffset === 0;
}

/** Undefined when the log has no such record as the last item says: then the index is that of another log. */
async function afterLastItem({ files, log, readRecord, logger }: LoadingParts): Promise<Resumption | undefined> {
  const offset = files.last?.header.endOffset ?? 0;
  if (offset < log.minOffset) return { offset: log.minOffset, skip: 0 };
  let skip = 0;
  let hash = -1;
  search: for (let i = files.list.length - 1; i >= 0; i--) {
    const file = files.list[i] as IndexFile;
    for (let place = file.header.next - 1; place > 0;) {
      const run = await file.itemsUpTo(place);
      for (let item = itemIn(run, place); item; item = itemIn(run, --place)) {
        if (item.physicalOffset !== offset) break search;
        if (skip++ === 0) ({ hash } = item);
      }
      if (run.count === 0) break search;
    }
  }
  const record = await readRecord(offset);
  const keys = new RecordKeys();
  const isOfThisLog =
    record && keys.read(record, 0, record.length) && keys.hashes.subarray(0, keys.count).includes(hash);
  // Files without any item yet say nothing of any record.
  if (isOfThisLog || (skip === 0 && offset === 0)) return { offset, skip };
  logger.warn('the message index does not fit the commit log and is made again', { offset, skip });
  return undefined;
}
