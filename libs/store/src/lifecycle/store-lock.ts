import { join } from 'node:path';
import { RocketMQError, messageOf } from '../../../common/src/index.js';
import type { Disk } from '../disk/disk.js';

/** One broker at a time in a directory, ours or Apache's: both lock the first byte of the file `lock`. */
export class StoreLock {
  private fd: number | undefined;

  constructor(
    private readonly disk: Disk,
    private readonly root: string,
  ) {}

  /** @throws RocketMQError STORE_UNAVAILABLE when another has it, or the directory cannot be written. */
  take(): void {
    const path = join(this.root, 'lock');
    let fd: number | undefined;
    try {
      this.disk.makeDirectory(this.root);
      fd = this.disk.open(path, true);
      if (this.disk.tryLock(fd)) {
        this.disk.writeSync(fd, Buffer.from('lock'), 0);
        this.fd = fd;
        return;
      }
    } catch (error) {
      if (fd !== undefined) this.disk.close(fd);
      throw new RocketMQError(
        'STORE_UNAVAILABLE',
        `cannot write to the store directory ${this.root}: ${messageOf(error)}`,
        {
          cause: error,
        },
      );
    }
    this.disk.close(fd);
    throw new RocketMQError(
      'STORE_UNAVAILABLE',
      `the store directory ${this.root} is in use: another broker holds ${path}; stop it or set another storePathRootDir`,
    );
  }

  release(): void {
    if (this.fd !== undefined) this.disk.close(this.fd);
    this.fd = undefined;
  }
}
