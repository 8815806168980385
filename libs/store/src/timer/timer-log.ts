import { join } from 'node:path';
import type { Disk } from '../disk/disk.js';
import type { FilePool } from '../disk/file-pool.js';
import { OffsetFiles } from '../disk/offset-files.js';
import {
  decodeTimerUnit,
  encodeTimerBlank,
  encodeTimerUnit,
  timerBlankSize,
  timerUnitSize,
  type TimerUnit,
} from './timer-unit.js';

/** Read at once where units are followed backwards: those of a second often stand close together. */
const blockSize = 16 * 1024;
const scanSize = timerUnitSize * 8192;

interface Piece {
  readonly at: number;
  readonly bytes: Buffer;
}

/**
 * The files of `timerlog`: units one behind the other, none across the end of a file, where a blank stands instead.
 * Units are staged, and written together: what is staged counts as part of the log but cannot be read yet.
 */
export class TimerLog extends OffsetFiles {
  /** Where the next unit goes. */
  end = 0;
  private staged: Piece[] = [];
  /** What was read last: `blockLength` bytes from `blockStart` on. */
  private readonly block = Buffer.alloc(blockSize);
  private blockStart = 0;
  private blockLength = 0;

  constructor(disk: Disk, pool: FilePool, root: string, fileSize: number) {
    super(disk, pool, join(root, 'timerlog'), 0, fileSize);
  }

  override get directory(): string {
    return this.topicDirectory;
  }

  /** False when files are missing in between or have another size; then `restart`. */
  load(): boolean {
    const isWhole = this.loadFiles(1);
    this.end = this.endByte;
    return isWhole;
  }

  /** Removes all files and begins anew. */
  restart(): void {
    this.restartAt(0);
    this.end = 0;
    this.forgetReads();
  }

  get start(): number {
    return this.firstByte;
  }

  /** Where the files end: beyond it nothing was ever written. */
  get fileEnd(): number {
    return this.endByte;
  }

  get bytesAFile(): number {
    return this.fileSize;
  }

  /** Its position. Nothing is written before {@link writeStaged}. */
  stage(unit: Omit<TimerUnit, 'previous'>, previous: number): number {
    let at = this.end;
    const left = this.fileSize - (at % this.fileSize);
    if (left < timerUnitSize + timerBlankSize) {
      this.staged.push({ at, bytes: encodeTimerBlank(left) });
      at += left;
    }
    const bytes = Buffer.allocUnsafe(timerUnitSize);
    encodeTimerUnit({ ...unit, previous }, bytes, 0);
    this.staged.push({ at, bytes });
    this.end = at + timerUnitSize;
    return at;
  }

  get hasStaged(): boolean {
    return this.staged.length > 0;
  }

  /** Hands what is staged to the kernel; after an error it stays staged. */
  writeStaged(): void {
    const { staged } = this;
    while (staged.length > 0) {
      const { at } = staged[0] as Piece;
      let count = 1;
      let end = at + (staged[0] as Piece).bytes.length;
      while (count < staged.length && (staged[count] as Piece).at === end) {
        end += (staged[count++] as Piece).bytes.length;
      }
      this.writeAt(at, Buffer.concat(staged.slice(0, count).map(({ bytes }) => bytes)));
      staged.splice(0, count);
    }
  }

  /** The unit at a position; undefined outside of the log and for damage. For looks that follow units backwards. */
  unitAt(position: number): TimerUnit | undefined {
    if (position < this.firstByte || position + timerUnitSize > this.end) return undefined;
    const isRead = position >= this.blockStart && position + timerUnitSize <= this.blockStart + this.blockLength;
    if (!isRead && !this.readBlock(position)) return undefined;
    const found = this.block.subarray(0, this.blockLength);
    const unit = decodeTimerUnit(found, position - this.blockStart);
    return typeof unit === 'object' ? unit : undefined;
  }

  /** The unit there, and those before it where the one asked for last was near: others will be. */
  private readBlock(position: number): boolean {
    const end = position + timerUnitSize;
    const isNear = position < this.blockStart && this.blockStart - position < blockSize;
    const from = isNear ? Math.max(this.baseOf(position), end - blockSize) : position;
    const target = this.block.subarray(0, end - from);
    this.blockStart = from;
    this.blockLength = this.readSyncAt(from, target);
    return this.blockLength === target.length;
  }

  /** Where the unit before a position stands; below {@link start} when there is none. */
  before(position: number): number {
    const inFile = position % this.fileSize;
    if (inFile > 0) return position - timerUnitSize;
    return position - this.fileSize + (this.unitsAFile - 1) * timerUnitSize;
  }

  /**
   * Visits the units of [from, until), whose first is at `from` or where the next file begins. Returns where it ended:
   * at what is no unit, where `visit` said false, or at `until`.
   */
  async scan(
    from: number,
    until: number,
    visit: (unit: TimerUnit, position: number) => boolean | Promise<boolean>,
  ): Promise<number> {
    let at = Math.max(from, this.firstByte);
    const bytes = Buffer.allocUnsafe(at < until ? scanSize : 0);
    while (at < until) {
      const inFile = at % this.fileSize;
      const room = this.unitsAFile * timerUnitSize - inFile;
      if (room <= 0) {
        at += this.fileSize - inFile;
        continue;
      }
      const length = await this.readAt(at, bytes.subarray(0, Math.min(scanSize, room, until - at)));
      const found = bytes.subarray(0, length);
      if (length < timerUnitSize) return at;
      for (let place = 0; place + timerUnitSize <= length; place += timerUnitSize) {
        const unit = decodeTimerUnit(found, place);
        // Java's blanks stand where ours do: what is left of the file holds no unit.
        if (typeof unit === 'string' || !(await visit(unit, at))) return at;
        at += timerUnitSize;
      }
    }
    return at;
  }

  /** Removes everything from a position on. */
  cut(position: number): void {
    this.cutAt(position);
    this.end = position;
    this.forgetReads();
  }

  /** Physical offset of the last message of the oldest file; undefined when that file is still in use. */
  get oldestFileEnds(): number | undefined {
    const next = this.firstByte + this.fileSize;
    return next < this.end ? this.unitAt(this.before(next))?.physicalOffset : undefined;
  }

  dropOldestFile(): void {
    this.dropFilesBefore(this.firstByte + this.fileSize);
    this.forgetReads();
  }

  private get unitsAFile(): number {
    return Math.floor((this.fileSize - timerBlankSize) / timerUnitSize);
  }

  private forgetReads(): void {
    this.blockStart = this.blockLength = 0;
  }
}
