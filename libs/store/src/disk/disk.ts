/** Used and free space of a partition, in bytes. */
export interface DiskSpace {
  readonly total: number;
  readonly free: number;
  /** What this process may still take (free without the reserve of the super-user). */
  readonly available: number;
}

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
  space(path: string): DiskSpace;
  /** Takes the lock on byte 0 that Java's store takes on its `lock` file; false when another holder has it. */
  tryLock(fd: number): boolean;
}
