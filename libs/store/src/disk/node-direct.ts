import * as fs from 'node:fs';
import type { DirectDisk } from './disk.js';
import { pageMemory } from './page-memory.js';
import { lengthOf, writePieces } from './write-pieces.js';

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
  takesDirect(directory, pieces) {
    // Whether a file system takes them, and from which addresses, only a write of the same kind tells.
    if (direct === 0) return false;
    let fd: number | undefined;
    try {
      fd = fs.openSync(directory, toMedium | nameless, 0o600);
      return fs.writevSync(fd, pieces, 0) === lengthOf(pieces);
    } catch {
      return false;
    } finally {
      if (fd !== undefined) fs.closeSync(fd);
    }
  },
  directMemory: pageMemory,
  openDirect: (path) => fs.openSync(path, toMedium),
  writeDirect: (fd, pieces, position) => writePieces(pieces, position, (left, at) => writeOnce(fd, left, at)),
};

function writeOnce(fd: number, pieces: readonly Uint8Array[], position: number): Promise<number> {
  return new Promise((resolve, reject) =>
    fs.writev(fd, pieces, position, (error, count) => (error ? reject(error) : resolve(count))),
  );
}
