import { dirname, join } from 'node:path';
import type { Disk } from '../disk/disk.js';
import { offsetFilePath, offsetOfFileName } from '../disk/file-name.js';
import type { FilePool } from '../disk/file-pool.js';
import { blankUnitSize, unitSize } from './queue-block.js';

/** What file systems hand out at least, mostly; where it is another size nothing is concluded from it. */
const blockSize = 4096;

/**
 * The files of one consume queue: one behind the other, named by the byte offset of their first unit, each full-size
 * from its creation.
 */
export class QueueFiles {
  /** Byte offset of the first file; the files up to `endByte` exist. */
  private firstByte = 0;
  private endByte = 0;
  // Both absent while empty: most of very many queues are idle, and an empty set takes as much memory as the rest of them.
  /** Byte offsets of files with bytes the disk may not have. */
  private unsynced: Set<number> | undefined;
  private newNamesIn: Set<string> | undefined;

  constructor(
    private readonly disk: Disk,
    private readonly pool: FilePool,
    readonly topicDirectory: string,
    private readonly queueId: number,
    /** Bytes of a file, a multiple of the unit. */
    private readonly fileSize: number,
  ) {}

  /**
   * Finds the files. False when one is missing in between or has a wrong size: the queue has to be rebuilt from the log.
   */
  load(): boolean {
    const bases = this.disk.list(this.directory).flatMap((name) => offsetOfFileName(name) ?? []);
    this.firstByte = this.endByte = bases[0] ?? 0;
    for (const base of bases) {
      if (base !== this.endByte || !this.isFullSize(base, base === bases.at(-1))) return false;
      this.endByte += this.fileSize;
    }
    return this.firstByte % this.fileSize === 0;
  }

  /** Made when asked for, which is seldom; the topic's is one text for all its queues. */
  get directory(): string {
    return join(this.topicDirectory, String(this.queueId));
  }

  get isEmpty(): boolean {
    return this.endByte === this.firstByte;
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
  async read(offset: number, target: Buffer): Promise<number> {
    const place = this.place(offset, target.length);
    if (!place) return 0;
    return this.pool.pinned(place.path, (fd) => this.disk.read(fd, target.subarray(0, place.length), place.position));
  }

  readSync(offset: number, target: Buffer): number {
    const place = this.place(offset, target.length);
    if (!place) return 0;
    return this.disk.readSync(this.pool.fd(place.path), target.subarray(0, place.length), place.position);
  }

  /** Writes units from `offset` on. A first file gets blanks up to `minOffset`, as Java fills it. */
  write(offset: number, units: Buffer, minOffset: number): void {
    let done = 0;
    while (done < units.length) {
      const at = offset * unitSize + done;
      const base = at - (at % this.fileSize);
      const path = this.ensure(base, minOffset);
      const length = Math.min(units.length - done, base + this.fileSize - at);
      this.disk.writeSync(this.pool.fd(path), units.subarray(done, done + length), at - base);
      this.noteUnsynced(base);
      done += length;
    }
  }

  /** The disk has everything written before. */
  async sync(): Promise<void> {
    const bases = [...(this.unsynced ?? [])];
    this.unsynced = undefined;
    for (const base of bases) {
      // The topic may be deleted meanwhile.
      if (base < this.firstByte || base >= this.endByte) continue;
      await this.pool.pinned(this.path(base), (fd) => this.disk.fdatasync(fd));
    }
  }

  get needsSync(): boolean {
    return this.unsynced !== undefined || this.newNamesIn !== undefined;
  }

  /** Directories with names the disk may not have, each told once. */
  takeNewNames(): string[] {
    const directories = [...(this.newNamesIn ?? [])];
    this.newNamesIn = undefined;
    return directories;
  }

  /** Removes the units from `offset` on, on the disk too: a later scan would take them for messages. */
  cut(offset: number): void {
    const at = offset * unitSize;
    while (this.endByte > this.firstByte && this.endByte - this.fileSize >= at) {
      this.endByte -= this.fileSize;
      this.drop(this.endByte);
    }
    if (this.isEmpty || at >= this.endByte) return;
    const base = at - (at % this.fileSize);
    const path = this.path(base);
    const fd = this.pool.fd(path);
    this.disk.truncate(fd, at - base);
    this.disk.truncate(fd, this.fileSize);
    this.noteUnsynced(base);
  }

  /**
   * Whether surely nothing stands from `offset` on: the file takes no more blocks than the units before it need, and what
   * shares the last of those blocks is zero. Ten thousand idle queues need not be cut and synced one by one then.
   */
  endsBefore(offset: number): boolean {
    const at = offset * unitSize;
    const base = at - (at % this.fileSize);
    const used = at - base;
    // Without a unit in the file its blocks prove nothing: some systems count none at all.
    if (used === 0 || base + this.fileSize !== this.endByte) return false;
    const fd = this.pool.fd(this.path(base));
    const blocks = Math.ceil(used / blockSize) * blockSize;
    if (this.disk.allocated?.(fd) !== blocks) return false;
    const rest = Buffer.alloc(Math.min(blocks, this.fileSize) - used, 1);
    return this.disk.readSync(fd, rest, used) === rest.length && rest.every((byte) => byte === 0);
  }

  /** Removes all files; the next one written is that of `offset`. */
  restart(offset: number): void {
    for (const name of this.disk.list(this.directory)) {
      const base = offsetOfFileName(name);
      if (base !== undefined) this.drop(base);
    }
    const at = offset * unitSize;
    this.firstByte = this.endByte = at - (at % this.fileSize);
  }

  remove(): void {
    this.restart(0);
    this.disk.removeTree(this.directory);
    this.unsynced = this.newNamesIn = undefined;
  }

  /** The last file may be short when a cut was interrupted; whether entries are missing is the checkpoint's to say. */
  private isFullSize(base: number, isLast: boolean): boolean {
    const fd = this.pool.fd(this.path(base));
    const size = this.disk.size(fd);
    if (size === this.fileSize) return true;
    if (!isLast || size > this.fileSize || size % unitSize !== 0) return false;
    this.disk.truncate(fd, this.fileSize);
    return true;
  }

  private noteUnsynced(base: number): void {
    this.unsynced ??= new Set();
    this.unsynced.add(base);
  }

  private noteNewName(directory: string): void {
    this.newNamesIn ??= new Set();
    this.newNamesIn.add(directory);
  }

  private path(base: number): string {
    return offsetFilePath(this.directory, base);
  }

  private place(offset: number, length: number): { path: string; position: number; length: number } | undefined {
    const at = offset * unitSize;
    if (at < this.firstByte || at >= this.endByte) return undefined;
    const base = at - (at % this.fileSize);
    return { path: this.path(base), position: at - base, length: Math.min(length, base + this.fileSize - at) };
  }

  private ensure(base: number, minOffset: number): string {
    if (this.isEmpty) {
      this.disk.makeDirectory(this.directory);
      // The directory itself may be new, and that of its topic.
      this.noteNewName(this.topicDirectory);
      this.noteNewName(dirname(this.topicDirectory));
      this.firstByte = this.endByte = base;
    }
    while (this.endByte <= base) this.create(this.endByte, minOffset);
    return this.path(base);
  }

  private create(base: number, minOffset: number): void {
    const path = this.path(base);
    const fd = this.disk.open(path, true);
    try {
      this.disk.truncate(fd, this.fileSize);
      const blanks = Math.min(this.fileSize, minOffset * unitSize - base);
      if (this.endByte === this.firstByte && blanks > 0) this.disk.writeSync(fd, blankUnits(blanks / unitSize), 0);
    } finally {
      this.disk.close(fd);
    }
    this.noteUnsynced(base);
    this.noteNewName(this.directory);
    this.endByte = base + this.fileSize;
  }

  private drop(base: number): void {
    const path = this.path(base);
    this.pool.forget(path);
    this.disk.remove(path);
    this.unsynced?.delete(base);
    this.noteNewName(this.directory);
  }
}

function blankUnits(count: number): Buffer {
  const units = Buffer.alloc(count * unitSize);
  for (let at = 8; at < units.length; at += unitSize) units.writeInt32BE(blankUnitSize, at);
  return units;
}
