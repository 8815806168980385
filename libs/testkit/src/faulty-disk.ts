import { nodeDisk, type Disk, type DiskSpace } from '../../store/src/index.js';

/** Calls that change the disk or wait for it: the places where an error may strike. */
const faultable = [
  'open',
  'truncate',
  'writeSync',
  'fdatasync',
  'syncDirectory',
  'makeDirectory',
  'rename',
  'remove',
] as const;
export type FaultableCall = (typeof faultable)[number];

export interface FaultyDisk extends Disk {
  /** Changing calls so far, in order. */
  readonly calls: readonly FaultableCall[];
  /** Consulted before each changing call; an error it returns is what the call throws. */
  fault: (call: FaultableCall, index: number) => Error | undefined;
  /** Set: `fdatasync` waits for what it returns. */
  beforeSync: (() => Promise<void>) | undefined;
  /** Set: an asynchronous `read` of this file waits for what it returns. */
  beforeRead: ((path: string) => Promise<void> | undefined) | undefined;
  /** Of an open file. */
  pathOf(fd: number): string;
  /** How full the partition of a directory is said to be. */
  percentUsed: (path: string) => number;
}

export function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

function spaceUsed(percent: number): DiskSpace {
  return { total: 100e9, free: (100 - percent) * 1e9, available: (100 - percent) * 1e9 };
}

/**
 * The real file system for tests that wait for nothing: after a kill, unlike a power cut, the kernel has all bytes. Its
 * partition is half full, whatever that of this machine is.
 */
export const unsyncedDisk: Disk = {
  ...nodeDisk,
  space: () => spaceUsed(50),
  fdatasync: () => Promise.resolve(),
  syncDirectory: () => Promise.resolve(),
};

/** The real file system, with errors and delays where a test wants them. */
export function createFaultyDisk(): FaultyDisk {
  const calls: FaultableCall[] = [];
  const paths = new Map<number, string>();
  const disk: FaultyDisk = {
    ...nodeDisk,
    calls,
    fault: () => undefined,
    beforeSync: undefined,
    beforeRead: undefined,
    pathOf: (fd) => paths.get(fd) ?? '',
    percentUsed: () => 50,
  };
  const strike = (call: FaultableCall): void => {
    const error = disk.fault(call, calls.length);
    calls.push(call);
    if (error) throw error;
  };
  return Object.assign(disk, {
    open(path: string, create: boolean) {
      if (create) strike('open');
      const fd = nodeDisk.open(path, create);
      paths.set(fd, path);
      return fd;
    },
    async read(fd: number, target: Uint8Array, position: number) {
      await disk.beforeRead?.(disk.pathOf(fd));
      return nodeDisk.read(fd, target, position);
    },
    space: (path: string) => spaceUsed(disk.percentUsed(path)),
    truncate(fd: number, length: number) {
      strike('truncate');
      nodeDisk.truncate(fd, length);
    },
    writeSync(fd: number, source: Uint8Array, position: number) {
      strike('writeSync');
      nodeDisk.writeSync(fd, source, position);
    },
    async fdatasync(fd: number) {
      await disk.beforeSync?.();
      strike('fdatasync');
      await nodeDisk.fdatasync(fd);
    },
    async syncDirectory(path: string) {
      strike('syncDirectory');
      await nodeDisk.syncDirectory(path);
    },
    makeDirectory(path: string) {
      strike('makeDirectory');
      nodeDisk.makeDirectory(path);
    },
    rename(from: string, to: string) {
      strike('rename');
      nodeDisk.rename(from, to);
    },
    remove(path: string) {
      strike('remove');
      nodeDisk.remove(path);
    },
  });
}
