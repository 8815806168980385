import { RocketMQError } from '../../../common/src/index.js';
import type { Disk } from './disk.js';

interface PooledFile {
  readonly fd: number;
  pins: number;
  closing: boolean;
  /** Told when nobody uses the file any more. */
  waiting: (() => void)[];
}

/**
 * Open files by path, least recently used first out, so that ten thousand queues do not need ten thousand descriptors.
 * A file in use by an asynchronous call is pinned: it is closed only after that call.
 */
export class FilePool {
  private readonly files = new Map<string, PooledFile>();
  private isClosed = false;

  constructor(
    private readonly disk: Disk,
    private readonly limit: number,
  ) {}

  /** The descriptor, good until the next call of this pool. */
  fd(path: string): number {
    return this.take(path).fd;
  }

  /** Runs `use` with the descriptor pinned. */
  async pinned<T>(path: string, use: (fd: number) => Promise<T>): Promise<T> {
    const file = this.take(path);
    file.pins++;
    try {
      return await use(file.fd);
    } finally {
      file.pins--;
      if (file.pins === 0) {
        if (file.closing) this.disk.close(file.fd);
        for (const resolve of file.waiting.splice(0)) resolve();
      }
    }
  }

  /** Resolves when no asynchronous call uses the file; undefined when none does. */
  whenUnused(path: string): Promise<void> | undefined {
    const file = this.files.get(path);
    if (!file || file.pins === 0) return undefined;
    return new Promise((resolve) => file.waiting.push(resolve));
  }

  /** Closes a file, as one about to be removed. */
  forget(path: string): void {
    const file = this.files.get(path);
    if (!file) return;
    this.files.delete(path);
    file.closing = true;
    if (file.pins === 0) this.disk.close(file.fd);
  }

  /** Closes all; calls from now on throw RocketMQError CLOSED. */
  close(): void {
    this.isClosed = true;
    for (const path of this.files.keys()) this.forget(path);
  }

  private take(path: string): PooledFile {
    if (this.isClosed) throw new RocketMQError('CLOSED', 'the store is closed');
    let file = this.files.get(path);
    if (file) {
      this.files.delete(path);
    } else {
      this.evict();
      file = { fd: this.disk.open(path, false), pins: 0, closing: false, waiting: [] };
    }
    this.files.set(path, file);
    return file;
  }

  private evict(): void {
    if (this.files.size < this.limit) return;
    for (const [path, file] of this.files) {
      if (file.pins > 0) continue;
      this.forget(path);
      return;
    }
  }
}
