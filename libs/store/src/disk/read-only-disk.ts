import * as fs from 'node:fs';
import { codeOf } from '../../../common/src/index.js';
import type { Disk } from './disk.js';
import { nodeDisk } from './node-disk.js';

/** `unknown` where the system does not tell without taking the lock. */
export type LockState = 'held' | 'free' | 'unknown';

/** A disk to look at a store with, also at one that is in use. */
export interface ReadOnlyDisk extends Disk {
  /** Bytes of a file, and those of them that take room; the rest are holes. Undefined when there is no such file. */
  usage(path: string): { readonly length: number; readonly allocated: number } | undefined;
  /** Whether somebody holds the lock on this file. Only looks: taking it for a moment could fail a broker's start. */
  lockState(path: string): LockState;
}

/** The file system of this machine, opened for reading only. Everything that would change it throws. */
export const readOnlyDisk: ReadOnlyDisk = {
  ...nodeDisk,
  open: (path) => fs.openSync(path, fs.constants.O_RDONLY),
  truncate: () => refuse('truncate'),
  writeSync: () => refuse('writeSync'),
  takesDirect: () => false,
  directMemory: () => undefined,
  openDirect: () => refuse('openDirect'),
  writeDirect: () => refuse('writeDirect'),
  fdatasync: () => refuse('fdatasync'),
  syncDirectory: () => refuse('syncDirectory'),
  makeDirectory: () => refuse('makeDirectory'),
  rename: () => refuse('rename'),
  remove: () => refuse('remove'),
  removeTree: () => refuse('removeTree'),
  tryLock: () => refuse('tryLock'),
  usage(path) {
    try {
      const { size, blocks } = fs.statSync(path);
      // Windows counts no blocks.
      return { length: size, allocated: blocks > 0 || size === 0 ? Math.min(size, blocks * 512) : size };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  },
  lockState(path) {
    if (process.platform !== 'linux') return 'unknown';
    try {
      const { ino, dev } = fs.statSync(path);
      return isLockListed(fs.readFileSync('/proc/locks', 'utf8'), dev, ino) ? 'held' : 'free';
    } catch (error) {
      return codeOf(error) === 'ENOENT' && !fs.existsSync(path) ? 'free' : 'unknown';
    }
  },
};

/** Lines such as "1: OFDLCK ADVISORY WRITE -1 fe:00:131 0 0": device in hexadecimal, then the inode. */
export function isLockListed(locks: string, dev: number, ino: number): boolean {
  // As makedev of the GNU C library puts them together.
  const major = (dev >> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >> 12) & 0xfff00);
  return [...locks.matchAll(/ WRITE +-?\d+ ([0-9a-f]+):([0-9a-f]+):(\d+) /g)].some(
    ([, first, second, inode]) =>
      Number(inode) === ino && parseInt(first ?? '', 16) === major && parseInt(second ?? '', 16) === minor,
  );
}

function refuse(call: string): never {
  throw new Error(`${call} on a disk that is for reading only`);
}
