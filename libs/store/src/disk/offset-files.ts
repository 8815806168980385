import { dirname, join } from 'node:path';
import type { Disk } from './disk.js';
import { offsetFilePath, offsetOfFileName } from './file-name.js';
import type { FilePool } from './file-pool.js';

/**
 * Files of one queue: one behind the other, named by the byte offset of their first byte, each full-size from its
 * creation. Positions are counted in bytes from offset 0.
 */
export class OffsetFiles {
  /** Byte offset of the first file; the files up to `endByte` exist. */
  protected firstByte = 0;
  protected endByte = 0;
  /** The last file was found shorter than it should be: something may be missing. */
  wasShort = false;
  // Both absent while empty: most of very many queues are idle, and an empty set takes as much memory as the rest of them.
  /** Byte offsets of files with bytes the disk may not have. */
  private unsynced: Set<number> | undefined;
  private newNamesIn: Set<string> | undefined;

  constructor(
    protected readonly disk: Disk,
    protected readonly pool: FilePool,
    readonly topicDirectory: string,
    private readonly queueId: number,
    /** Bytes of a file. */
    protected readonly fileSize: number,
  ) {}

  /** Made when asked for, which is seldom; the topic's is one text for all its queues. */
  get directory(): string {
    return join(this.topicDirectory, String(this.queueId));
  }

  get isEmpty(): boolean {
    return this.endByte === this.firstByte;
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

  remove(): void {
    this.restartAt(0);
    this.disk.removeTree(this.directory);
    this.unsynced = this.newNamesIn = undefined;
  }

  /**
   * Finds the files. False when one is missing in between or has a wrong size. The last one may be short, of so many
   * whole pieces of `grain` bytes, when a cut was interrupted.
   */
  protected loadFiles(grain: number): boolean {
    const bases = this.disk.list(this.directory).flatMap((name) => offsetOfFileName(name) ?? []);
    this.firstByte = this.endByte = bases[0] ?? 0;
    for (const base of bases) {
      if (base !== this.endByte || !this.isFullSize(base, base === bases.at(-1) ? grain : 0)) return false;
      this.endByte += this.fileSize;
    }
    return this.firstByte % this.fileSize === 0;
  }

  /** Fills `target` from a position on; ends at the end of a file. Returns the number of bytes. */
  protected async readAt(at: number, target: Buffer): Promise<number> {
    const place = this.place(at, target.length);
    if (!place) return 0;
    return this.pool.pinned(place.path, (fd) => this.disk.read(fd, target.subarray(0, place.length), place.position));
  }

  protected readSyncAt(at: number, target: Buffer): number {
    const place = this.place(at, target.length);
    if (!place) return 0;
    return this.disk.readSync(this.pool.fd(place.path), target.subarray(0, place.length), place.position);
  }

  /** Writes across files, making those that are not there. */
  protected writeAt(at: number, bytes: Buffer): void {
    for (let done = 0; done < bytes.length;) {
      const position = at + done;
      const base = this.baseOf(position);
      this.ensure(base);
      const length = Math.min(bytes.length - done, base + this.fileSize - position);
      this.disk.writeSync(this.pool.fd(this.path(base)), bytes.subarray(done, done + length), position - base);
      this.noteUnsynced(base);
      done += length;
    }
  }

  /** Removes everything from a position on, on the disk too. */
  protected cutAt(at: number): void {
    while (this.endByte > this.firstByte && this.endByte - this.fileSize >= at) {
      this.endByte -= this.fileSize;
      this.drop(this.endByte);
    }
    if (this.isEmpty || at >= this.endByte) return;
    const base = this.baseOf(at);
    const fd = this.pool.fd(this.path(base));
    this.disk.truncate(fd, at - base);
    this.disk.truncate(fd, this.fileSize);
    this.noteUnsynced(base);
  }

  /** Whether a file lies wholly before a position and is not the last one. */
  protected hasFilesBeforeByte(at: number): boolean {
    const end = this.firstByte + this.fileSize;
    return end < this.endByte && end <= at;
  }

  /** Removes the files wholly before a position, the oldest first, but never the last one. Returns how many. */
  protected dropFilesBefore(at: number): number {
    let count = 0;
    for (; this.hasFilesBeforeByte(at); count++) {
      const base = this.firstByte;
      this.firstByte += this.fileSize;
      this.drop(base);
    }
    return count;
  }

  /** Removes all files; the next one written is that of the position. */
  protected restartAt(at: number): void {
    for (const name of this.disk.list(this.directory)) {
      const base = offsetOfFileName(name);
      if (base !== undefined) this.drop(base);
    }
    this.firstByte = this.endByte = this.baseOf(at);
  }

  /** Called with each new file, full-size and of zeros. */
  protected created(_fd: number, _base: number): void {}

  protected baseOf(at: number): number {
    return at - (at % this.fileSize);
  }

  /** Whether something is missing in a short one is for others to say. */
  private isFullSize(base: number, grain: number): boolean {
    const fd = this.pool.fd(this.path(base));
    const size = this.disk.size(fd);
    if (size === this.fileSize) return true;
    if (grain === 0 || size > this.fileSize || size % grain !== 0) return false;
    this.disk.truncate(fd, this.fileSize);
    this.wasShort = true;
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

  protected path(base: number): string {
    return offsetFilePath(this.directory, base);
  }

  private place(at: number, length: number): { path: string; position: number; length: number } | undefined {
    if (at < this.firstByte || at >= this.endByte) return undefined;
    const base = this.baseOf(at);
    return { path: this.path(base), position: at - base, length: Math.min(length, base + this.fileSize - at) };
  }

  private ensure(base: number): void {
    if (this.isEmpty) {
      this.disk.makeDirectory(this.directory);
      // The directory itself may be new, and that of its topic.
      this.noteNewName(this.topicDirectory);
      this.noteNewName(dirname(this.topicDirectory));
      this.firstByte = this.endByte = base;
    }
    while (this.endByte <= base) this.create(this.endByte);
  }

  private create(base: number): void {
    const fd = this.disk.open(this.path(base), true);
    try {
      this.disk.truncate(fd, this.fileSize);
      this.created(fd, base);
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
