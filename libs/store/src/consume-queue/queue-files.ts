import { OffsetFiles } from '../disk/offset-files.js';
import { blankUnitSize, unitSize } from './queue-block.js';

/** What file systems hand out at least, mostly; where it is another size nothing is concluded from it. */
const blockSize = 4096;

/** The files of one consume queue, each of whole units. Offsets are queue offsets: units counted from 0. */
export class QueueFiles extends OffsetFiles {
  /** First queue offset with a message, for the write under way. */
  private minOffset = 0;

  /** Finds the files. False when they do not fit together: the queue has to be rebuilt from the log. */
  load(): boolean {
    return this.loadFiles(unitSize);
  }

  get firstOffset(): number {
    return this.firstByte / unitSize;
  }

  /** Units the files have room for, counted from queue offset 0. */
  get endOffset(): number {
    return this.endByte / unitSize;
  }

  /** First offset of the last `count` files. */
  recentOffset(count: number): number {
    return Math.max(this.firstByte, this.endByte - count * this.fileSize) / unitSize;
  }

  /** First offset of the file behind the one that would hold `offset`. */
  nextFileOffset(offset: number): number {
    return this.fileOffset(offset) + this.fileSize / unitSize;
  }

  /** First offset of the file that holds `offset`. */
  fileOffset(offset: number): number {
    return offset - (offset % (this.fileSize / unitSize));
  }

  /** Fills `target` from the unit at `offset`; ends at the end of a file. Returns the number of bytes. */
  read(offset: number, target: Buffer): Promise<number> {
    return this.readAt(offset * unitSize, target);
  }

  readSync(offset: number, target: Buffer): number {
    return this.readSyncAt(offset * unitSize, target);
  }

  /** Writes units from `offset` on. A first file gets blanks up to `minOffset`, as Java fills it. */
  write(offset: number, units: Buffer, minOffset: number): void {
    this.minOffset = minOffset;
    this.writeAt(offset * unitSize, units);
  }

  /** Removes the units from `offset` on, on the disk too: a later scan would take them for messages. */
  cut(offset: number): void {
    this.cutAt(offset * unitSize);
  }

  /**
   * Whether surely nothing stands from `offset` on: the file takes no more blocks than the units before it need, and what
   * shares the last of those blocks is zero. Ten thousand idle queues need not be cut and synced one by one then.
   */
  endsBefore(offset: number): boolean {
    const at = offset * unitSize;
    const base = this.baseOf(at);
    const used = at - base;
    // Without a unit in the file its blocks prove nothing: some systems count none at all.
    if (used === 0 || base + this.fileSize !== this.endByte) return false;
    const fd = this.pool.fd(this.path(base));
    const blocks = Math.ceil(used / blockSize) * blockSize;
    if (this.disk.allocated?.(fd) !== blocks) return false;
    const rest = Buffer.alloc(Math.min(blocks, this.fileSize) - used, 1);
    return this.disk.readSync(fd, rest, used) === rest.length && rest.every((byte) => byte === 0);
  }

  /** Whether a file lies wholly before `offset` and is not the last one. */
  hasFilesBefore(offset: number): boolean {
    return this.hasFilesBeforeByte(offset * unitSize);
  }

  /** Removes the files that lie wholly before `offset`, the oldest first, but never the last one. Returns how many. */
  dropBefore(offset: number): number {
    return this.dropFilesBefore(offset * unitSize);
  }

  /** Removes all files; the next one written is that of `offset`. */
  restart(offset: number): void {
    this.restartAt(offset * unitSize);
  }

  protected override created(fd: number, base: number): void {
    const blanks = Math.min(this.fileSize, this.minOffset * unitSize - base);
    if (this.isEmpty && blanks > 0) this.disk.writeSync(fd, blankUnits(blanks / unitSize), 0);
  }
}

function blankUnits(count: number): Buffer {
  const units = Buffer.alloc(count * unitSize);
  for (let at = 8; at < units.length; at += unitSize) units.writeInt32BE(blankUnitSize, at);
  return units;
}
