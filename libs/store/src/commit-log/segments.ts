import { dirname, join } from 'node:path';
import { RocketMQError } from '../../../common/src/index.js';
import type { DirectDisk, Disk } from '../disk/disk.js';
import { offsetFilePath, offsetOfFileName } from '../disk/file-name.js';

const cutSuffix = '.cut';

interface OpenSegment {
  readonly base: number;
  readonly fd: number;
  /** For direct writes. */
  readonly directFd: number | undefined;
  /** The disk may not have its size yet. */
  isNew: boolean;
  /** The file system has blocks for the bytes before it. */
  prepared: number;
}

/** So many bytes for one sync bring their own blocks at a fair price. */
const largeGroup = 128 * 1024;

/**
 * The files of the log: one behind the other, all of one size, each full-size from its creation (a hole that fills), as
 * Java maps them. Owns the descriptors of those that may have bytes the disk does not have yet.
 */
export class Segments {
  /** Physical offset of the first byte there is. */
  minOffset = 0;
  /** End of the last file; equals minOffset when there is none. */
  endOffset = 0;
  private writable: OpenSegment[] = [];
  /** Set: the files are written to with direct writes only. */
  private direct: DirectDisk | undefined;
  private hasNewNames = false;
  private readonly zeros: Buffer;
  /** Bytes written since the last sync began. */
  private sinceSync = 0;

  constructor(
    private readonly disk: Disk,
    readonly directory: string,
    readonly size: number,
    /**
     * So many bytes behind the end are written with zeros now and then. An fdatasync that finds its blocks there need
     * not write the journal of the file system: small groups of SYNC_FLUSH take two thirds of the time. 0: never.
     */
    preparedBytes: number,
  ) {
    this.zeros = Buffer.alloc(Math.min(preparedBytes, size));
  }

  /**
   * Finds the files on disk.
   *
   * @throws RocketMQError STORE_CORRUPT when a file has another size than configured, or one is missing in between.
   */
  load(): void {
    this.disk.makeDirectory(this.directory);
    this.finishCut();
    const bases = this.disk.list(this.directory).flatMap((name) => offsetOfFileName(name) ?? []);
    const last = bases.at(-1);
    // Created, but not yet extended when the process ended: nothing was in it.
    if (last !== undefined && this.lengthOf(last) === 0) {
      this.disk.remove(this.path(last));
      bases.pop();
    }
    for (const [i, base] of bases.entries()) {
      const length = this.lengthOf(base);
      if (length !== this.size) {
        throw new RocketMQError(
          'STORE_CORRUPT',
          `${this.path(base)} has ${length} bytes, but mappedFileSizeCommitLog is ${this.size}; ` +
            `set the size this store was written with, or restore the file`,
        );
      }
      const expected = (bases[0] as number) + i * this.size;
      if (base !== expected) {
        throw new RocketMQError(
          'STORE_CORRUPT',
          `${this.directory}: expected a file at offset ${expected}, found ${base}; restore the missing file`,
        );
      }
    }
    this.minOffset = bases[0] ?? 0;
    this.endOffset = this.minOffset + bases.length * this.size;
  }

  get isEmpty(): boolean {
    return this.endOffset === this.minOffset;
  }

  baseOf(offset: number): number {
    return offset - (offset % this.size);
  }

  path(base: number): string {
    return offsetFilePath(this.directory, base);
  }

  /** Makes the file that starts at the end. Leaves nothing behind when it fails. */
  create(base: number): void {
    if (this.isEmpty) this.minOffset = this.endOffset = base;
    this.open(base, true);
    this.hasNewNames = true;
    this.endOffset = base + this.size;
  }

  /** Continues an existing file, or the next one to be made. `direct`: with direct writes only. */
  resume(offset: number, direct?: DirectDisk): void {
    this.direct = direct;
    const base = this.baseOf(offset);
    if (base >= this.endOffset) return;
    this.open(base, false);
  }

  private open(base: number, isNew: boolean): void {
    const path = this.path(base);
    const fd = this.disk.open(path, isNew);
    try {
      if (isNew) this.disk.truncate(fd, this.size);
      this.writable.push({ base, fd, directFd: this.direct?.openDirect(path), isNew, prepared: 0 });
    } catch (error) {
      this.disk.close(fd);
      if (isNew) this.disk.remove(path);
      throw error;
    }
  }

  /** Resolves when the disk has the blocks. */
  writeDirect(base: number, pieces: readonly Buffer[], position: number): Promise<void> {
    const { directFd } = this.writableAt(base);
    if (!this.direct || directFd === undefined) throw new Error(`no direct writes to the commit log file at ${base}`);
    return this.direct.writeDirect(directFd, pieces, position);
  }

  private writableAt(base: number): OpenSegment {
    const segment = this.writable.findLast((each) => each.base === base);
    if (!segment) throw new Error(`no writable commit log file at ${base}`);
    return segment;
  }

  write(base: number, bytes: Uint8Array, position: number): void {
    const segment = this.writableAt(base);
    this.disk.writeSync(segment.fd, bytes, position);
    const end = position + bytes.length;
    this.sinceSync += bytes.length;
    if (end > segment.prepared && this.sinceSync < largeGroup) this.prepare(segment, end);
  }

  private prepare(segment: OpenSegment, end: number): void {
    const length = Math.min(this.zeros.length, this.size - end);
    if (length <= 0) return;
    this.disk.writeSync(segment.fd, this.zeros.subarray(0, length), end);
    segment.prepared = end + length;
  }

  /**
   * Everything written before the call is on the disk afterwards; `upTo` is where the log ended then. After direct writes
   * that is so for new files and their names only: they take care of themselves.
   */
  async sync(upTo: number): Promise<void> {
    const segments = this.writable;
    const hasNewNames = this.hasNewNames;
    this.hasNewNames = false;
    this.sinceSync = 0;
    for (const segment of segments) if (!this.direct || segment.isNew) await this.syncSegment(segment);
    if (hasNewNames) await this.disk.syncDirectory(this.directory);
    while (segments.length > 1 && (segments[0] as OpenSegment).base + this.size <= upTo) {
      this.closeSegment(segments.shift() as OpenSegment);
    }
  }

  private async syncSegment(segment: OpenSegment): Promise<void> {
    segment.isNew = false;
    await this.disk.fdatasync(segment.fd);
  }

  private closeSegment({ fd, directFd }: OpenSegment): void {
    this.disk.close(fd);
    if (directFd !== undefined) this.disk.close(directFd);
  }

  /**
   * Everything from `offset` on is on the disk afterwards. A process that was killed leaves bytes and names that only
   * the kernel has: what recovery found there must not be called flushed before.
   */
  async syncFrom(offset: number): Promise<void> {
    for (let base = this.baseOf(offset); base < this.endOffset; base += this.size) {
      const fd = this.disk.open(this.path(base), false);
      try {
        await this.disk.fdatasync(fd);
      } finally {
        this.disk.close(fd);
      }
    }
    await this.disk.syncDirectory(this.directory);
    await this.disk.syncDirectory(dirname(this.directory));
  }

  /**
   * Removes everything from `offset` on, on the disk too: bytes left behind would be valid records to the next scan.
   */
  async cut(offset: number): Promise<void> {
    const base = this.baseOf(offset);
    for (const later of this.dropAfter(base)) this.disk.remove(this.path(later));
    if (base >= this.endOffset) return;
    // Between the two steps the file is too short to be one of the log: under another name it cannot be mistaken.
    const path = this.path(base);
    this.disk.rename(path, path + cutSuffix);
    const fd = this.disk.open(path + cutSuffix, false);
    try {
      this.disk.truncate(fd, offset - base);
      this.disk.truncate(fd, this.size);
      await this.disk.fdatasync(fd);
    } finally {
      this.disk.close(fd);
    }
    this.disk.rename(path + cutSuffix, path);
    await this.disk.syncDirectory(this.directory);
  }

  /** A cut that the end of the process interrupted; recovery will cut once more if need be. */
  private finishCut(): void {
    for (const name of this.disk.list(this.directory)) {
      if (!name.endsWith(cutSuffix)) continue;
      const path = join(this.directory, name);
      const fd = this.disk.open(path, false);
      try {
        this.disk.truncate(fd, this.size);
      } finally {
        this.disk.close(fd);
      }
      this.disk.rename(path, path.slice(0, -cutSuffix.length));
    }
  }

  /** Takes the files behind the one at `base` out of the log, the last one first; they are still on disk. */
  dropAfter(base: number): number[] {
    const dropped: number[] = [];
    while (this.endOffset - this.size > base) dropped.push((this.endOffset -= this.size));
    return dropped;
  }

  /** Takes the oldest file out of the log, so that no read of it begins any more; it is still on disk. */
  dropFirst(): number {
    const base = this.minOffset;
    this.minOffset += this.size;
    return base;
  }

  close(): void {
    for (const segment of this.writable.splice(0)) this.closeSegment(segment);
  }

  private lengthOf(base: number): number {
    const fd = this.disk.open(this.path(base), false);
    try {
      return this.disk.size(fd);
    } finally {
      this.disk.close(fd);
    }
  }
}

/** Where the log of a store is, unless configured. */
export function commitLogDirectory(root: string, configured: string): string {
  return configured === '' ? join(root, 'commitlog') : configured;
}
