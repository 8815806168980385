import { join } from 'node:path';
import type { Clock } from '../../../common/src/index.js';
import type { Disk } from '../disk/disk.js';
import type { FilePool } from '../disk/file-pool.js';
import { IndexFile } from './index-file.js';
import { IndexHeader, IndexShape, headerSize, indexName, isIndexName } from './index-layout.js';
import { SlotTable } from './slot-table.js';

/** A file as it lies in the directory. */
export interface FoundFile {
  readonly name: string;
  readonly path: string;
  readonly length: number;
}

/** The files of the index, oldest first; only the last one is written. */
export class IndexFiles {
  readonly list: IndexFile[] = [];
  private hasNewNames = false;
  /** Full files on their way to the kernel, one after the other. */
  private sealing: Promise<void> = Promise.resolve();

  constructor(
    private readonly disk: Disk,
    private readonly pool: FilePool,
    private readonly clock: Clock,
    readonly directory: string,
    readonly shape: IndexShape,
    /** A file could not be written. */
    private readonly onError: (error: unknown) => void,
  ) {}

  get last(): IndexFile | undefined {
    return this.list[this.list.length - 1];
  }

  /** The file the next item goes to, made when there is none or the last one is full. Throws the system's error. */
  writable(): IndexFile {
    const { last } = this;
    return last && !last.isFull ? last : this.create(last);
  }

  find(): { readonly found: FoundFile[]; readonly strange: string[] } {
    const names = this.disk.list(this.directory);
    return {
      found: names.filter(isIndexName).map((name) => this.look(name)),
      strange: names.filter((name) => !isIndexName(name)),
    };
  }

  /** A file that is there already. */
  open({ name, path }: FoundFile): IndexFile {
    const bytes = Buffer.alloc(headerSize);
    this.disk.readSync(this.pool.fd(path), bytes, 0);
    const { disk, pool, shape } = this;
    return new IndexFile({ disk, pool, shape }, path, name, IndexHeader.read(bytes));
  }

  /** Deletes files that are in the list no more, or never were. */
  remove(files: Iterable<{ readonly path: string }>): void {
    for (const { path } of files) {
      this.pool.forget(path);
      this.disk.remove(path);
      this.hasNewNames = true;
    }
  }

  /** Everything handed out as written is on the disk afterwards, slots of full files too. */
  async sync(): Promise<void> {
    await this.sealing;
    // Retention, and loading, may take files out of the list meanwhile.
    for (const file of this.list.slice()) if (this.list.includes(file)) await file.sync();
    if (!this.hasNewNames) return;
    this.hasNewNames = false;
    await this.disk.syncDirectory(this.directory);
    await this.disk.syncDirectory(join(this.directory, '..'));
  }

  private create(previous: IndexFile | undefined): IndexFile {
    const { disk, pool, shape } = this;
    const name = indexName(this.clock.now(), previous?.name);
    const path = join(this.directory, name);
    const header = IndexHeader.after(previous?.header);
    if (!previous) disk.makeDirectory(this.directory);
    const fd = disk.open(path, true);
    try {
      disk.truncate(fd, shape.fileSize);
      this.writeHeader(fd, header);
    } catch (error) {
      disk.remove(path);
      throw error;
    } finally {
      disk.close(fd);
    }
    this.hasNewNames = true;
    const file = new IndexFile({ disk, pool, shape }, path, name, header);
    file.slots = new SlotTable(shape.slots);
    file.needsSync = true;
    if (previous?.slots) this.seal(previous);
    this.list.push(file);
    return file;
  }

  /** A file that cannot be made is tried again; one that cannot be written is another matter. */
  private writeHeader(fd: number, header: IndexHeader): void {
    try {
      this.disk.writeSync(fd, header.encode(), 0);
    } catch (error) {
      this.onError(error);
      throw error;
    }
  }

  /** The next sync waits for it, and fails with it. */
  private seal(file: IndexFile): void {
    this.sealing = this.sealing.then(() => file.storeAll());
    this.sealing.catch(this.onError);
  }

  private look(name: string): FoundFile {
    const path = join(this.directory, name);
    return { name, path, length: this.disk.size(this.pool.fd(path)) };
  }
}
