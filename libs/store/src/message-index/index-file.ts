/*
 * HOT PATH (put). Copies: 20 bytes into the block, 4 into the slots. Allocates: nothing. Writes: once a block.
 */
import { nextTurn } from '../../../common/src/index.js';
import type { Disk } from '../disk/disk.js';
import type { FilePool } from '../disk/file-pool.js';
import {
  headerSize,
  itemSize,
  readItem,
  slotSize,
  viewOf,
  writeItem,
  type IndexHeader,
  type IndexItem,
  type IndexShape,
} from './index-layout.js';
import type { SlotTable } from './slot-table.js';

const itemsABlock = 3276;
/** Items fetched with one read; chains lead to older ones, so they lie before the one asked for. */
const itemsARead = 204;
const maxSeconds = 0x7fff_ffff;

export interface IndexFilePorts {
  readonly disk: Disk;
  readonly pool: FilePool;
  readonly shape: IndexShape;
}

/** Consecutive items of a file, in memory. */
export interface ItemRun {
  readonly first: number;
  readonly view: DataView;
  readonly count: number;
}

/** Items from the file or from memory; `undefined` for a place that is not there. */
export function itemIn(run: ItemRun, place: number): IndexItem | undefined {
  const skip = place - run.first;
  return skip < 0 || skip >= run.count ? undefined : readItem(run.view, skip * itemSize);
}

/**
 * One index file. While it is written its slots are in memory, and items wait in a block; both reach the file in large
 * writes. A full one changes no more.
 */
export class IndexFile {
  /** Items before this place are in the file. */
  storedPlace: number;
  /** Of the file being written, and of a full one until they are stored. */
  slots: SlotTable | undefined;
  private block: Buffer | undefined;
  private blockView: DataView | undefined;
  /** Has bytes the disk may not have. */
  needsSync = false;

  constructor(
    private readonly ports: IndexFilePorts,
    readonly path: string,
    readonly name: string,
    readonly header: IndexHeader,
  ) {
    this.storedPlace = header.next;
  }

  get isFull(): boolean {
    return this.header.next >= this.shape.places;
  }

  get shape(): IndexShape {
    return this.ports.shape;
  }

  /** The caller saw that it is not full and has slots. */
  put(hash: number, physicalOffset: number, storeTimestamp: number): void {
    const { header, slots, ports } = this;
    if (!slots) throw new Error(`${this.path} is not open for writing`);
    const place = header.next;
    const slot = hash % ports.shape.slots;
    let previous = slots.get(slot);
    if (previous < 0 || previous >= place) previous = 0;
    let seconds = 0;
    if (header.beginTimestamp > 0) {
      seconds = Math.trunc((storeTimestamp - header.beginTimestamp) / 1000);
      seconds = seconds < 0 ? 0 : seconds > maxSeconds ? maxSeconds : seconds;
    }
    if (place - this.storedPlace === itemsABlock) this.store();
    this.blockView ??= viewOf((this.block ??= Buffer.allocUnsafe(itemsABlock * itemSize)));
    writeItem(this.blockView, (place - this.storedPlace) * itemSize, hash, physicalOffset, seconds, previous);
    slots.set(slot, place);
    if (place === 1) {
      header.beginOffset = physicalOffset;
      header.beginTimestamp = storeTimestamp;
    }
    if (previous === 0) header.usedSlots++;
    header.next = place + 1;
    header.endOffset = physicalOffset;
    header.endTimestamp = storeTimestamp;
  }

  /** Hands the items that wait to the kernel. */
  store(): void {
    const count = this.header.next - this.storedPlace;
    if (count === 0 || !this.block) return;
    this.write(this.ports.shape.itemPosition(this.storedPlace), this.block.subarray(0, count * itemSize));
    this.storedPlace = this.header.next;
    if (this.isFull) this.block = this.blockView = undefined;
  }

  /** Hands everything to the kernel, slots and header last: they belong together and to the items. */
  async storeAll(): Promise<void> {
    this.store();
    if (!this.slots) return;
    for (const [at, bytes] of this.slots.takeDirty()) {
      this.write(headerSize + at, bytes);
      await nextTurn();
    }
    this.write(0, this.header.encode());
    if (this.isFull) this.slots = undefined;
  }

  /** The disk has everything handed to the kernel before. */
  async sync(): Promise<void> {
    if (!this.needsSync) return;
    this.needsSync = false;
    await this.ports.pool.pinned(this.path, (fd) => this.ports.disk.fdatasync(fd));
  }

  /** Removes the items from `place` on, on the disk too. */
  cut(place: number): void {
    const { disk, pool, shape } = this.ports;
    const fd = pool.fd(this.path);
    disk.truncate(fd, shape.itemPosition(place));
    disk.truncate(fd, shape.fileSize);
    this.needsSync = true;
    this.header.next = this.storedPlace = place;
  }

  /** Place of the newest item of a slot. */
  async newestIn(slot: number): Promise<number> {
    if (this.slots) return this.slots.get(slot);
    const bytes = Buffer.alloc(slotSize);
    await this.read(this.ports.shape.slotPosition(slot), bytes);
    return bytes.readInt32BE(0);
  }

  /** The item at a place and older ones beside it. */
  async itemsUpTo(place: number): Promise<ItemRun> {
    if (place >= this.storedPlace && this.block) {
      const count = this.header.next - this.storedPlace;
      // A copy: the block takes other items once these are stored.
      const bytes = Buffer.from(this.block.subarray(0, count * itemSize));
      return { first: this.storedPlace, view: viewOf(bytes), count };
    }
    const first = Math.max(1, place - itemsARead + 1);
    return this.items(first, place - first + 1);
  }

  /** Items from the file; fewer when it ends before. */
  async items(first: number, count: number): Promise<ItemRun> {
    const bytes = Buffer.alloc(count * itemSize);
    const length = await this.read(this.ports.shape.itemPosition(first), bytes);
    return { first, view: viewOf(bytes), count: Math.floor(length / itemSize) };
  }

  /** Stored slots from byte `at` of the table on. */
  async slotBytes(at: number, target: Buffer): Promise<void> {
    await this.read(headerSize + at, target);
  }

  /** One stored item, at once: for looks at the start of a store. */
  itemSync(place: number): IndexItem {
    const { disk, pool, shape } = this.ports;
    const bytes = Buffer.alloc(itemSize);
    disk.readSync(pool.fd(this.path), bytes, shape.itemPosition(place));
    return readItem(viewOf(bytes), 0);
  }

  private read(position: number, target: Buffer): Promise<number> {
    const { disk, pool } = this.ports;
    return pool.pinned(this.path, (fd) => disk.read(fd, target, position));
  }

  private write(position: number, bytes: Buffer): void {
    this.ports.disk.writeSync(this.ports.pool.fd(this.path), bytes, position);
    this.needsSync = true;
  }
}
