/** Used and free space of a partition, in bytes. */
export interface DiskSpace {
  readonly total: number;
  readonly free: number;
  /** What this process may still take (free without the reserve of the super-user). */
  readonly available: number;
}

/** Direct writes are made of whole blocks of so many bytes: the largest that disks and file systems ask for. */
export const directBlock = 4096;

/**
 * Everything the store asks of a file system, so that tests can fail, tear and count each call. Calls without a promise
 * block the thread: they are used where the page cache answers. All of them throw the system's error (`code` ENOSPC,
 * EIO, ...); a transfer is complete or an error, except for reads, which end early at the end of the file.
 */
export interface Disk {
  /** Opens for reading and writing; `create` makes an absent file. */
  open(path: string, create: boolean): number;
  close(fd: number): void;
  size(fd: number): number;
  /** Bytes that a file takes on the medium, holes left out; absent where nothing tells. */
  allocated?(fd: number): number;
  /** Cuts or extends (with a hole that reads as zeros). */
  truncate(fd: number, length: number): void;
  readSync(fd: number, target: Uint8Array, position: number): number;
  read(fd: number, target: Uint8Array, position: number): Promise<number>;
  writeSync(fd: number, source: Uint8Array, position: number): void;
  /**
   * Whether files in this directory take a direct write of these pieces: that depends on where they are in memory, too.
   * Absent, together with the next three, where there are no direct writes.
   */
  takesDirect?(directory: string, pieces: readonly Uint8Array[]): boolean;
  /** Zeros at an address that direct writes can begin at; undefined where there is no such memory to be had. */
  directMemory?(bytes: number): Buffer | undefined;
  /** Opens an existing file for direct writes. */
  openDirect?(path: string): number;
  /**
   * Past the page cache, one piece behind the other: when it resolves, the medium has the bytes, and what of the metadata
   * is needed to find them. Position, and length and address of each piece, are multiples of {@link directBlock}; the
   * bytes must not change meanwhile.
   */
  writeDirect?(fd: number, pieces: readonly Uint8Array[], position: number): Promise<void>;
  /** Data, and what of the metadata is needed to find it, is on the medium afterwards. */
  fdatasync(fd: number): Promise<void>;
  /** Makes created, renamed and removed names in this directory durable. A directory that is gone is fine. */
  syncDirectory(path: string): Promise<void>;
  makeDirectory(path: string): void;
  /** Names in a directory, sorted; empty when there is no such directory. */
  list(path: string): string[];
  exists(path: string): boolean;
  rename(from: string, to: string): void;
  /** Absent is fine. */
  remove(path: string): void;
  /** A directory and everything in it; absent is fine. */
  removeTree(path: string): void;
  /** When a file was last written to, milliseconds since the epoch. */
  modifiedAt(path: string): number;
  /** Of the partition that a file or directory is on. */
  space(path: string): DiskSpace;
  /** Takes the lock on byte 0 that Java's store takes on its `lock` file; false when another holder has it. */
  tryLock(fd: number): boolean;
}

const directCalls = ['takesDirect', 'directMemory', 'openDirect', 'writeDirect'] as const;
type DirectCall = (typeof directCalls)[number];

/** One that has direct writes. */
export type DirectDisk = Disk & Required<Pick<Disk, DirectCall>>;

export function hasDirectWrites(disk: Disk): disk is DirectDisk {
  return directCalls.every((call) => disk[call] !== undefined);
}
