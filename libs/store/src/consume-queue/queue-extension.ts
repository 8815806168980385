import type { ExtensionUnit } from '../contract.js';
import { OffsetFiles } from '../disk/offset-files.js';
import { blankUnitSize, isExtensionAddress, unitExtensionPosition, unitRecordSize, unitSize } from './queue-block.js';

/*
 * A unit of consumequeue_ext, big-endian, one behind the other:
 *    0  int16  its size
 *    2  int64  tags code
 *   10  int64  store timestamp
 *   18  int16  size of the bit map for SQL92 filters, and the bit map
 * Where one does not fit any more, four bytes before the end of its file at the latest, int16 -1 closes the file. The
 * unit of the consume queue has its address in place of the tags code: its position in the files, plus -2^63.
 */
const extensionSize = 20;
const endMark = -1;
const endMarkRoom = 4;
const sizeLimit = 0x7fff;

/** Read at once when addresses are followed. */
const windowSize = 16 * 1024;

const two32 = 0x1_0000_0000;

/**
 * What a consume queue does not hold itself of its messages (enableConsumeQueueExt). In memory queues have plain tags
 * codes; they are exchanged for addresses on the way to the files, and back on the way from them.
 */
export class QueueExtension extends OffsetFiles {
  /** Where the next unit goes; undefined until somebody looked. */
  private end: number | undefined;
  /** Of the units on their way to the files, in order. */
  private storeTimes: number[] = [];
  /** Of the same units, where there are any. */
  private bitMaps: (Buffer | undefined)[] = [];

  /** Finds the files. False when they do not fit together: queue and extension have to be made again from the log. */
  load(): boolean {
    return this.loadFiles(extensionSize);
  }

  /** Store time of the unit that was put into the queue, and its bit map. */
  note(storeTimestamp: number, filterBitMap?: Buffer): void {
    if (filterBitMap !== undefined && this.hasRoomFor(filterBitMap))
      this.bitMaps[this.storeTimes.length] = filterBitMap;
    this.storeTimes.push(storeTimestamp);
  }

  /** The queue was cut or begins anew: its last unit says where this goes on. */
  forgetEnd(): void {
    this.end = undefined;
    this.storeTimes = [];
    this.bitMaps = [];
  }

  get isOpen(): boolean {
    return this.end !== undefined;
  }

  /** Begins anew, as the queue does. */
  restart(): void {
    this.restartAt(0);
    this.end = 0;
  }

  /** Goes on behind the unit at `last`, or behind all there are when that is not known. */
  open(last: number | undefined): void {
    this.end = last === undefined ? this.scannedEnd() : last + this.sizeAt(last);
    this.cutAt(this.end);
  }

  /** Stores what belongs to units of the queue, and gives them back with addresses in place of tags codes. */
  extend(units: Buffer): Buffer {
    const extended = Buffer.from(units);
    const view = new DataView(extended.buffer, extended.byteOffset, extended.length);
    const count = units.length / unitSize;
    const mapBytes = this.bitMaps.slice(0, count).reduce((sum, map) => sum + (map?.length ?? 0), 0);
    const run = Buffer.alloc(count * extensionSize + mapBytes + 2);
    let start = this.end ?? 0;
    let length = 0;
    for (let i = 0; i < count; i++) {
      const at = i * unitSize;
      if (unitRecordSize(view, at) === blankUnitSize) continue;
      const bitMap = this.bitMaps[i];
      const size = extensionSize + (bitMap?.length ?? 0);
      const rest = this.fileSize - ((start + length) % this.fileSize);
      if (size > rest - endMarkRoom) {
        run.writeInt16BE(endMark, length);
        this.writeAt(start, run.subarray(0, length + 2));
        start += length + rest;
        length = 0;
      }
      run.writeInt16BE(size, length);
      extended.copy(run, length + 2, at + 12, at + unitSize);
      run.writeBigInt64BE(BigInt(this.storeTimes[i] ?? 0), length + 10);
      run.writeInt16BE(size - extensionSize, length + 18);
      bitMap?.copy(run, length + extensionSize);
      setAddress(extended, at + 12, start + length);
      length += size;
    }
    this.storeTimes = this.storeTimes.slice(count);
    this.bitMaps = this.bitMaps.slice(count);
    this.writeAt(start, run.subarray(0, length));
    this.end = start + length;
    return extended;
  }

  /** Undefined when there is none at `position`. */
  async unitAt(position: number): Promise<ExtensionUnit | undefined> {
    const head = Buffer.alloc(extensionSize);
    if ((await this.readAt(position, head)) < head.length) return undefined;
    const [size, mapLength] = [head.readInt16BE(0), head.readInt16BE(18)];
    if (size < extensionSize || mapLength < 0 || extensionSize + mapLength > size) return undefined;
    const map = Buffer.alloc(mapLength);
    if ((await this.readAt(position + extensionSize, map)) < mapLength) return undefined;
    return {
      size,
      tagsCode: Number(head.readBigInt64BE(2)),
      storeTimestamp: Number(head.readBigInt64BE(10)),
      filterBitMap: mapLength === 0 ? undefined : map,
    };
  }

  /** Puts tags codes where addresses are. One that leads nowhere stays. */
  async resolve(units: Buffer): Promise<void> {
    const view = new DataView(units.buffer, units.byteOffset, units.length);
    let window = Buffer.alloc(0);
    let windowAt = 0;
    for (let at = 0; at + unitSize <= units.length; at += unitSize) {
      if (!isExtensionAddress(view, at)) continue;
      const position = unitExtensionPosition(view, at);
      if (position < windowAt || position + extensionSize > windowAt + window.length) {
        const bytes = Buffer.allocUnsafe(windowSize);
        window = bytes.subarray(0, await this.readAt(position, bytes));
        windowAt = position;
        if (window.length < extensionSize) continue;
      }
      const found = position - windowAt;
      if (window.readInt16BE(found) >= extensionSize) window.copy(units, at + 12, found + 2, found + 10);
    }
  }

  /** Removes the files wholly before the unit at `position`. */
  dropBefore(position: number): void {
    this.dropFilesBefore(position);
  }

  private hasRoomFor({ length }: Buffer): boolean {
    return extensionSize + length <= Math.min(sizeLimit, this.fileSize - endMarkRoom);
  }

  private sizeAt(position: number): number {
    const head = Buffer.alloc(2);
    if (this.readSyncAt(position, head) < head.length) return 0;
    return Math.max(0, head.readInt16BE(0));
  }

  /** Walks the units of the last file: where they end. */
  private scannedEnd(): number {
    let at = Math.max(this.firstByte, this.endByte - this.fileSize);
    for (let size = this.sizeAt(at); size >= extensionSize && size <= sizeLimit; size = this.sizeAt(at)) at += size;
    return at;
  }
}

function setAddress(bytes: Buffer, at: number, position: number): void {
  bytes.writeUInt32BE(0x8000_0000 + Math.floor(position / two32), at);
  bytes.writeUInt32BE(position % two32, at + 4);
}
