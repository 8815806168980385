import { join } from 'node:path';
import { blankUnitSize, unitSize } from '../consume-queue/queue-block.js';
import { offsetFilePath, offsetOfFileName } from '../disk/file-name.js';
import type { ReadOnlyDisk } from '../disk/read-only-disk.js';
import { UnitReader, endOfUnits } from '../recovery/queue-recovery.js';

export interface QueueBounds {
  /** Of the first entry that stands for a message of the log. */
  readonly minOffset: number;
  /** Behind the last entry. */
  readonly maxOffset: number;
}

/** Where a unit is on the disk. */
export interface UnitPlace {
  readonly path: string;
  /** Byte in the file. */
  readonly at: number;
}

/** The files of one queue, as they lie there. Opens one at a time, so that any number of queues can be looked at. */
export class QueueView {
  /** Bytes of a whole file: that of the first one. */
  readonly fileSize: number;
  readonly fileCount: number;
  readonly allocated: number;
  /** Byte offsets of files that are not where one is expected, or not of the size of the others. */
  readonly misfits: readonly number[];
  private readonly firstByte: number;
  private readonly endByte: number;

  constructor(
    private readonly disk: ReadOnlyDisk,
    private readonly topicDirectory: string,
    readonly topic: string,
    readonly queueId: number,
  ) {
    const bases = disk.list(this.directory).flatMap((name) => offsetOfFileName(name) ?? []);
    const usages = bases.map((base) => disk.usage(this.path(base)) ?? { length: 0, allocated: 0 });
    const size = Math.max(unitSize, usages[0]?.length ?? unitSize);
    this.fileSize = size - (size % unitSize);
    this.fileCount = bases.length;
    this.allocated = usages.reduce((sum, usage) => sum + usage.allocated, 0);
    this.firstByte = bases[0] ?? 0;
    this.endByte = bases.length === 0 ? 0 : (bases.at(-1) as number) + this.fileSize;
    this.misfits = bases.filter((base, i) => {
      const expected = this.firstByte + i * this.fileSize;
      return base !== expected || usages[i]?.length !== size || size % unitSize !== 0;
    });
  }

  get directory(): string {
    return join(this.topicDirectory, String(this.queueId));
  }

  get firstOffset(): number {
    return Math.ceil(this.firstByte / unitSize);
  }

  /** Behind the last unit there is room for. */
  get endOffset(): number {
    return Math.floor(this.endByte / unitSize);
  }

  /** First offset of the file that holds `offset`. */
  fileOffset(offset: number): number {
    return Math.ceil(this.baseOf(offset) / unitSize);
  }

  /** Where the unit is, or would be. */
  placeOf(offset: number): UnitPlace {
    const base = this.baseOf(offset);
    return { path: this.path(base), at: offset * unitSize - base };
  }

  /** Fills `target` from the unit at `offset`; ends at the end of a file, 0 bytes where there is none. */
  readSync(offset: number, target: Buffer): number {
    if (offset < this.firstOffset || offset >= this.endOffset) return 0;
    const { path, at } = this.placeOf(offset);
    if (!this.disk.exists(path)) return 0;
    const fd = this.disk.open(path, false);
    try {
      return this.disk.readSync(fd, target.subarray(0, Math.min(target.length, this.fileSize - at)), at);
    } finally {
      this.disk.close(fd);
    }
  }

  /** Found by halving: holds for a queue whose entries are in order. */
  bounds(logMinOffset: number, unit: UnitReader = new UnitReader()): QueueBounds {
    unit.lookInto(this);
    const maxOffset = endOfUnits(this.firstOffset, this.endOffset, (offset) => unit.read(offset) && unit.size !== 0);
    const isGone = (offset: number): boolean =>
      !unit.read(offset) || unit.size === blankUnitSize || unit.physicalOffset < logMinOffset;
    return { minOffset: endOfUnits(this.firstOffset, maxOffset, isGone), maxOffset };
  }

  /** Whether the file of this offset may hold something behind it: systems that count blocks tell holes apart. */
  mayHoldBehind(offset: number): boolean {
    const { path, at } = this.placeOf(offset);
    const usage = this.disk.usage(path);
    const block = 4096;
    return usage !== undefined && usage.allocated > Math.ceil(at / block) * block;
  }

  private baseOf(offset: number): number {
    const from = offset * unitSize - this.firstByte;
    return this.firstByte + Math.floor(from / this.fileSize) * this.fileSize;
  }

  private path(base: number): string {
    return offsetFilePath(this.directory, Math.max(0, base));
  }
}
