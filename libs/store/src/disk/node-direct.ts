import * as fs from 'node:fs';
import { RocketMQError } from '../../../common/src/index.js';
import { directBlock, type DirectDisk } from './disk.js';
import { pageMemory } from './page-memory.js';

/** Linux only: Node names the flag where there is one. */
const direct = (fs.constants.O_DIRECT as number | undefined) ?? 0;
/** A file without a name, of which nothing is left behind. Node has no name for the flag; it includes O_DIRECTORY. */
const nameless = 0o20000000 | fs.constants.O_DIRECTORY;
const toMedium = fs.constants.O_RDWR | direct | fs.constants.O_DSYNC;

/**
 * Direct writes of this machine: O_DIRECT passes by the page cache, which drops what it had of these bytes; O_DSYNC does
 * what fdatasync would have to do behind the write.
 */
export const nodeDirect: Pick<DirectDisk, 'takesDirect' | 'directMemory' | 'openDirect' | 'writeDirect'> = {
  takesDirect(directory, block) {
    // Whether a file system takes them, and from which addresses, only a write tells.
    if (direct === 0) return false;
    let fd: number | undefined;
    try {
      fd = fs.openSync(directory, toMedium | nameless, 0o600);
      return fs.writeSync(fd, block, 0, block.length, 0) === block.length;
    } catch {
      return false;
    } finally {
      if (fd !== undefined) fs.closeSync(fd);
    }
  },
  directMemory: pageMemory,
  openDirect: (path) => fs.openSync(path, toMedium),
  async writeDirect(fd, source, position) {
    for (let done = 0; done < source.length;) {
      const count = await writeOnce(fd, source, done, position + done);
      // From within a block there is no going on.
      if (count === 0 || count % directBlock !== 0) {
        throw new RocketMQError(
          'STORE_UNAVAILABLE',
          `a direct write ended after ${done + count} of ${source.length} bytes`,
        );
      }
      done += count;
    }
  },
};

function writeOnce(fd: number, source: Uint8Array, offset: number, position: number): Promise<number> {
  return new Promise((resolve, reject) =>
    fs.write(fd, source, offset, source.length - offset, position, (error, count) =>
      error ? reject(error) : resolve(count),
    ),
  );
}
