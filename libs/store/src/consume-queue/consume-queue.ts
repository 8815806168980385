/*
 * HOT PATH (put, span). Copies: 20 bytes a message. Allocates: a block every 1,024 messages. Calls: nothing.
 */
import type { ExtensionUnit } from '../contract.js';
import {
  QueueBlock,
  blankUnitSize,
  isExtensionAddress,
  unitExtensionPosition,
  unitPhysicalOffset,
  unitRecordSize,
  unitSize,
} from './queue-block.js';
import type { QueueExtension } from './queue-extension.js';
import type { QueueFiles } from './queue-files.js';

const smallestBlock = 32;
const largestBlock = 1024;
/** A hole wider than this is not filled with blanks: the queue starts anew behind it. */
const widestHole = 300_000;

/** Units in memory from a queue offset on. */
export interface UnitSpan {
  readonly view: DataView;
  /** Byte in `view` of the first unit. */
  readonly at: number;
  readonly count: number;
}

/**
 * The messages of one queue, in order: where each is in the log. New units wait in memory until the flush stores them;
 * older ones are read from the files.
 */
export class ConsumeQueue {
  minOffset = 0;
  /** Where the message at minOffset is in the log, or anything smaller when nobody looked; Infinity without one. */
  minPhysicalOffset = Infinity;
  /** Of the next message to become readable. */
  maxOffset = 0;
  /** Of the next message to be appended; ahead of maxOffset while appended ones are on their way. */
  nextOffset = 0;
  /** Units before it are in the files. */
  storedOffset = 0;
  /** End of the last record in the queue. */
  maxPhysicalOffset = 0;
  /** Tags codes of the messages of this group of writes; see ArrivalListener. */
  arrived: number[] = [];
  /** Set when the topic is deleted: late writers must not bring the files back. */
  isDeleted = false;
  /** Milliseconds. Only queues of the delay topic have one: their entries keep the instant of delivery. */
  deliveryDelay: number | undefined = undefined;
  private blocks: QueueBlock[] = [];

  constructor(
    readonly topic: string,
    readonly queueId: number,
    readonly topicBytes: Buffer,
    readonly files: QueueFiles,
    /** Undefined when there is none, and none is to be made. */
    private readonly extension: QueueExtension | undefined,
    private readonly isExtended: boolean,
  ) {}

  /** Finds the files. False when they do not fit together: the queue has to be rebuilt from the log. */
  load(): boolean {
    return this.files.load() && (this.extension?.load() ?? true);
  }

  /** Continues a queue found in its files. */
  resume(minOffset: number, maxOffset: number, maxPhysicalOffset: number, minPhysicalOffset = 0): void {
    this.blocks = [];
    this.minOffset = minOffset;
    this.minPhysicalOffset = minOffset < maxOffset ? minPhysicalOffset : Infinity;
    this.maxOffset = this.nextOffset = this.storedOffset = maxOffset;
    this.maxPhysicalOffset = maxPhysicalOffset;
    this.extension?.forgetEnd();
  }

  /** What the entry of a message keeps of it beside its place. */
  codeOf(tagsCode: number, storeTimestamp: number): number {
    return this.deliveryDelay === undefined ? tagsCode : storeTimestamp + this.deliveryDelay;
  }

  /** The next unit, in order. */
  put(physicalOffset: number, size: number, tagsCode: number, storeTimestamp: number, filterBitMap?: Buffer): void {
    let block = this.blocks[this.blocks.length - 1];
    if (block === undefined || block.count === block.capacity) block = this.newBlock();
    block.push(physicalOffset, size, tagsCode);
    if (this.maxOffset === this.minOffset) this.minPhysicalOffset = physicalOffset;
    this.maxOffset++;
    this.maxPhysicalOffset = physicalOffset + size;
    if (this.isExtended) this.extension?.note(storeTimestamp, filterBitMap);
  }

  /**
   * A unit found by recovery, which may not fit: the log is right, so a queue that began anew is followed back, and a
   * hole is filled with blanks.
   */
  restore(queueOffset: number, physicalOffset: number, size: number, tagsCode: number, storeTimestamp: number): void {
    if (queueOffset < this.maxOffset) this.cutTo(queueOffset);
    else if (queueOffset > this.maxOffset) this.skipTo(queueOffset);
    this.put(physicalOffset, size, this.codeOf(tagsCode, storeTimestamp), storeTimestamp);
    this.nextOffset = this.maxOffset;
  }

  get isDirty(): boolean {
    return this.storedOffset < this.maxOffset;
  }

  /** The units from `offset` on that lie in one piece of memory; undefined when they are in a file. */
  span(offset: number): UnitSpan | undefined {
    const { blocks } = this;
    let high = blocks.length - 1;
    let block = blocks[high];
    if (block === undefined || offset >= block.end) return undefined;
    if (offset < block.first) {
      let low = 0;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((blocks[middle] as QueueBlock).first <= offset) low = middle;
        else high = middle - 1;
      }
      block = blocks[low] as QueueBlock;
      if (offset < block.first || offset >= block.end) return undefined;
    }
    return { view: block.view, at: (offset - block.first) * unitSize, count: block.end - offset };
  }

  /** Up to `count` units in one buffer, from the files or memory; in `memory` when it is large enough. */
  async read(offset: number, count: number, memory?: Buffer): Promise<UnitSpan> {
    const size = Math.max(0, Math.min(count, this.maxOffset - offset)) * unitSize;
    const bytes = memory && size <= memory.length ? memory.subarray(0, size) : Buffer.alloc(size);
    let done = 0;
    while (done < bytes.length) {
      const at = offset + done / unitSize;
      const span = this.span(at);
      if (span) {
        const length = Math.min(span.count * unitSize, bytes.length - done);
        bytes.set(new Uint8Array(span.view.buffer, span.view.byteOffset + span.at, length), done);
        done += length;
      } else {
        // Memory begins somewhere behind: what is there is read with the next turn.
        const memory = this.blocks[0]?.first ?? Infinity;
        const inFiles = Math.min(bytes.length - done, (Math.max(memory, at + 1) - at) * unitSize);
        const length = await this.files.read(at, bytes.subarray(done, done + inFiles));
        if (length === 0) break;
        await this.extension?.resolve(bytes.subarray(done, done + length));
        done += length;
      }
    }
    return { view: new DataView(bytes.buffer, bytes.byteOffset, done), at: 0, count: Math.floor(done / unitSize) };
  }

  get hasExtension(): boolean {
    return this.extension !== undefined;
  }

  /** What consumequeue_ext has of an entry: undefined without, 'missing' when its address leads nowhere. */
  async extensionOf(offset: number): Promise<ExtensionUnit | 'missing' | undefined> {
    const { extension } = this;
    if (extension === undefined) return undefined;
    // In memory queues have no addresses.
    if (offset >= this.storedOffset) this.store();
    const bytes = Buffer.alloc(unitSize);
    const length = await this.files.read(offset, bytes);
    const position = length < unitSize ? undefined : extensionPositionIn(bytes);
    return position === undefined ? undefined : ((await extension.unitAt(position)) ?? 'missing');
  }

  /** Hands units not yet stored to the kernel. */
  store(): void {
    for (const block of this.blocks) {
      if (block.end <= this.storedOffset) continue;
      const from = Math.max(this.storedOffset, block.first);
      const units = block.bytes.subarray((from - block.first) * unitSize, block.count * unitSize);
      this.files.write(from, this.isExtended ? this.extend(units) : units, this.minOffset);
      this.storedOffset = block.end;
    }
  }

  /**
   * The queue begins at `offset` from now on, with the message at `minPhysicalOffset` of the log. Returns how many files
   * went; the last one stays, because the next offset is known nowhere else.
   */
  expire(offset: number, minPhysicalOffset: number): number {
    this.minOffset = offset;
    this.minPhysicalOffset = minPhysicalOffset;
    const first = this.extension && this.extensionPositionOf(offset);
    if (first !== undefined) this.extension?.dropBefore(first);
    return this.files.dropBefore(offset);
  }

  /** Forgets stored units of records that are no longer in memory either. */
  trim(cachedFrom: number): void {
    const { blocks } = this;
    let drop = 0;
    for (; drop < blocks.length; drop++) {
      const block = blocks[drop] as QueueBlock;
      if (block.end > this.storedOffset || block.count === 0) break;
      const lastAt = (block.count - 1) * unitSize;
      const size = unitRecordSize(block.view, lastAt);
      if (size !== blankUnitSize && unitPhysicalOffset(block.view, lastAt) >= cachedFrom) break;
    }
    if (drop > 0) this.blocks = blocks.slice(drop);
  }

  get hasMemory(): boolean {
    return this.blocks.length > 0;
  }

  get needsSync(): boolean {
    return this.files.needsSync || (this.extension?.needsSync ?? false);
  }

  /** Directories with names the disk may not have, each told once. */
  takeNewNames(): string[] {
    return [...this.files.takeNewNames(), ...(this.extension?.takeNewNames() ?? [])];
  }

  /** The disk has everything stored before. */
  async sync(): Promise<void> {
    // First what entries point to.
    await this.extension?.sync();
    await this.files.sync();
  }

  /** Takes the files away; late writers make no new ones. */
  remove(): void {
    this.isDeleted = true;
    // In this order: a crash in between must not leave entries that point to nothing.
    this.files.remove();
    this.extension?.remove();
  }

  private extend(units: Buffer): Buffer {
    const { extension } = this;
    if (!extension) return units;
    if (!extension.isOpen) {
      if (this.storedOffset === this.minOffset) extension.restart();
      else extension.open(this.extensionPositionOf(this.storedOffset - 1));
    }
    return extension.extend(units);
  }

  /** Undefined for an entry that is not in the files or has no address. */
  private extensionPositionOf(offset: number): number | undefined {
    const bytes = Buffer.alloc(unitSize);
    if (offset < 0 || this.files.readSync(offset, bytes) < unitSize) return undefined;
    return extensionPositionIn(bytes);
  }

  private newBlock(): QueueBlock {
    const capacity = Math.min(largestBlock, (this.blocks[this.blocks.length - 1]?.capacity ?? smallestBlock / 2) * 2);
    const block = new QueueBlock(this.maxOffset, capacity);
    this.blocks.push(block);
    return block;
  }

  private cutTo(offset: number): void {
    this.store();
    this.blocks = [];
    this.files.cut(offset);
    this.extension?.forgetEnd();
    this.maxOffset = this.storedOffset = offset;
    this.minOffset = Math.min(this.minOffset, offset);
  }

  private skipTo(offset: number): void {
    if (this.maxOffset === this.minOffset || offset - this.maxOffset > widestHole) {
      this.store();
      this.blocks = [];
      this.files.restart(offset);
      this.extension?.forgetEnd();
      this.minOffset = this.maxOffset = this.storedOffset = offset;
      return;
    }
    while (this.maxOffset < offset) this.put(0, blankUnitSize, 0, 0);
  }
}

function extensionPositionIn(unit: Buffer): number | undefined {
  const view = new DataView(unit.buffer, unit.byteOffset, unitSize);
  return isExtensionAddress(view, 0) ? unitExtensionPosition(view, 0) : undefined;
}
