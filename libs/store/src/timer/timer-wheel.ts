import { readInt64 } from '../commit-log/record-reader.js';
import type { Disk } from '../disk/disk.js';

/*
 * The wheel, a file of two weeks of slots (at a precision of 1 s), each 32 bytes, big-endian, as 5.3.3 writes it:
 *    0  int64  the slot's time / precision
 *    8  int64  position of its first unit in the timer log, -1 for none
 *   16  int64  position of its last unit
 *   24  int32  messages waiting in it
 *   28  int32  magic, unused
 * Slots that hold nothing are holes in the file and take no memory.
 */
const slotSize = 32;
/** One week of seconds, whatever the precision; the file has room for two. */
export const wheelSlots = 7 * 24 * 3600;
const slotCount = wheelSlots * 2;
export const wheelFileSize = slotCount * slotSize;

const pageSize = 4096;
const slotsAPage = pageSize / slotSize;
const pageCount = wheelFileSize / pageSize;
const emptyPage = Buffer.alloc(pageSize);
const pagesAtOnce = 256;

export interface WheelSlot {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** A page of the wheel as it was at some moment. */
export interface WheelPage {
  readonly number: number;
  readonly bytes: Buffer;
}

/** Which units of the timer log stand in which slot: the whole of it in memory, as far as anything waits. */
export class TimerWheel {
  private readonly pages: (Buffer | undefined)[] = Array.from({ length: pageCount });
  /** How many of them there are. */
  private pagesUsed = 0;
  private readonly dirty = new Set<number>();
  private fd: number | undefined;

  constructor(
    private readonly disk: Disk,
    readonly path: string,
    /** Milliseconds of a slot. */
    readonly precision: number,
  ) {}

  /** There was no file. */
  get isNew(): boolean {
    return this.fd === undefined;
  }

  /** Reads the file, if there is one. False when it has another size than a wheel. */
  async load(): Promise<boolean> {
    if (!this.disk.exists(this.path)) return true;
    const fd = this.disk.open(this.path, false);
    this.fd = fd;
    const size = this.disk.size(fd);
    if (size === 0) return true;
    if (size !== wheelFileSize) return false;
    const bytes = Buffer.alloc(pagesAtOnce * pageSize);
    for (let page = 0; page < pageCount; page += pagesAtOnce) {
      const length = await this.disk.read(fd, bytes, page * pageSize);
      for (let at = 0; at < length; at += pageSize) {
        const found = bytes.subarray(at, at + pageSize);
        if (!found.equals(emptyPage)) this.setPage(page + at / pageSize, Buffer.from(found));
      }
    }
    return true;
  }

  /** Forgets all slots; the file loses them with the next flush. */
  clear(): void {
    for (let page = 0; page < pageCount; page++) {
      if (this.pages[page] === undefined && this.fd === undefined) continue;
      this.setPage(page, undefined);
      this.dirty.add(page);
    }
  }

  /** The slot of an instant; undefined when nothing waits there. */
  find(time: number): WheelSlot | undefined {
    const slot = this.occupant(time);
    return slot !== undefined && slot.time === this.floor(time) ? slot : undefined;
  }

  /** What stands in the place of an instant's slot: that slot, or one whole turns of the wheel away. */
  occupant(time: number): WheelSlot | undefined {
    return this.at(this.indexOf(time));
  }

  put(slot: WheelSlot): void {
    const index = this.indexOf(slot.time);
    const page = Math.floor(index / slotsAPage);
    const bytes = this.pages[page] ?? Buffer.alloc(pageSize);
    this.setPage(page, bytes);
    const at = (index % slotsAPage) * slotSize;
    bytes.writeBigInt64BE(BigInt(slot.time / this.precision), at);
    bytes.writeBigInt64BE(BigInt(slot.first), at + 8);
    bytes.writeBigInt64BE(BigInt(slot.last), at + 16);
    bytes.writeInt32BE(slot.count | 0, at + 24);
    this.dirty.add(page);
  }

  /** Empties the slot of an instant, unless another one stands in its place. */
  remove(time: number): void {
    if (this.find(time) === undefined) return;
    const index = this.indexOf(time);
    const page = Math.floor(index / slotsAPage);
    const bytes = this.pages[page] as Buffer;
    const at = (index % slotsAPage) * slotSize;
    bytes.fill(0, at, at + slotSize);
    if (bytes.equals(emptyPage)) this.setPage(page, undefined);
    this.dirty.add(page);
  }

  /** The earliest slot with messages in [from, until), both rounded down to slots; undefined when there is none. */
  next(from: number, until: number): WheelSlot | undefined {
    if (this.pagesUsed === 0) return undefined;
    const { precision } = this;
    const start = this.floor(from);
    const steps = Math.min(slotCount, Math.ceil((this.floor(until) - start) / precision));
    for (let step = 0; step < steps;) {
      const time = start + step * precision;
      const index = this.indexOf(time);
      if (this.pages[Math.floor(index / slotsAPage)] === undefined) {
        step += slotsAPage - (index % slotsAPage);
        continue;
      }
      const slot = this.at(index);
      if (slot?.time === time) return slot;
      step++;
    }
    return undefined;
  }

  private setPage(page: number, bytes: Buffer | undefined): void {
    this.pagesUsed += Number(bytes !== undefined) - Number(this.pages[page] !== undefined);
    this.pages[page] = bytes;
  }

  /** Every slot that is not empty, in no order. */
  *all(): IterableIterator<WheelSlot> {
    for (let page = 0; page < pageCount; page++) {
      if (this.pages[page] === undefined) continue;
      for (let i = 0; i < slotsAPage; i++) {
        const slot = this.at(page * slotsAPage + i);
        if (slot !== undefined) yield slot;
      }
    }
  }

  /** Milliseconds of all slots. */
  get span(): number {
    return slotCount * this.precision;
  }

  floor(time: number): number {
    return Math.floor(time / this.precision) * this.precision;
  }

  /** Pages that changed since the last call, as they are now. */
  takeChanges(): WheelPage[] {
    const pages = [...this.dirty].sort((a, b) => a - b);
    this.dirty.clear();
    return pages.map((number) => ({ number, bytes: Buffer.from(this.pages[number] ?? emptyPage) }));
  }

  /** After an error: they are taken with the next changes. */
  giveBack(pages: readonly WheelPage[]): void {
    for (const { number } of pages) this.dirty.add(number);
  }

  async write(pages: readonly WheelPage[]): Promise<void> {
    if (pages.length === 0) return;
    const fd = (this.fd ??= this.disk.open(this.path, true));
    if (this.disk.size(fd) !== wheelFileSize) this.disk.truncate(fd, wheelFileSize);
    for (const { number, bytes } of pages) this.disk.writeSync(fd, bytes, number * pageSize);
    await this.disk.fdatasync(fd);
  }

  close(): void {
    if (this.fd !== undefined) this.disk.close(this.fd);
    this.fd = undefined;
  }

  private indexOf(time: number): number {
    return Math.floor(time / this.precision) % slotCount;
  }

  private at(index: number): WheelSlot | undefined {
    const bytes = this.pages[Math.floor(index / slotsAPage)];
    if (bytes === undefined) return undefined;
    const at = (index % slotsAPage) * slotSize;
    const number = readInt64(bytes, at);
    // A blank, or damage that no flush of a wheel leaves.
    if (number <= 0 || number % slotCount !== index) return undefined;
    return {
      time: number * this.precision,
      first: readInt64(bytes, at + 8),
      last: readInt64(bytes, at + 16),
      count: bytes.readInt32BE(at + 24),
    };
  }
}
