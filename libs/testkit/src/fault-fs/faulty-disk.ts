import { hasDirectWrites, nodeDisk, type Disk, type DirectDisk, type DiskSpace } from '../../../store/src/index.js';

/** Calls that change the disk or wait for it: the places where an error may strike. */
const faultable = [
  'open',
  'truncate',
  'writeSync',
  'openDirect',
  'writeDirect',
  'fdatasync',
  'syncDirectory',
  'makeDirectory',
  'rename',
  'remove',
  'removeTree',
] as const;
export type FaultableCall = (typeof faultable)[number];

/** What the kernel answers instead; of a write, the share of its bytes (0 to 1) that reached the file all the same. */
export interface DiskError extends Error {
  readonly code: string;
  readonly written?: number;
}

export interface FaultyDisk extends Disk {
  /** Changing calls so far, in order. */
  readonly calls: readonly FaultableCall[];
  /** Consulted before each changing call; an error it returns is what the call throws. */
  fault: (call: FaultableCall, index: number, target: string) => DiskError | undefined;
  /** Set: `fdatasync` and direct writes wait for what it returns. */
  beforeSync: (() => Promise<void>) | undefined;
  /** Set: an asynchronous `read` of this file waits for what it returns. */
  beforeRead: ((path: string) => Promise<void> | undefined) | undefined;
  /** Of an open file. */
  pathOf(fd: number): string;
  /** How full the partition of a directory is said to be. */
  percentUsed: (path: string) => number;
  /** True: syncs answer well and do nothing, as a disk that lies; direct writes are as other ones. */
  losesSyncs: boolean;
}

export function diskError(code: string, what = 'injected'): DiskError {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

/** An error after part of the bytes went through. */
export function shortWrite(code: string, written = 0.5): DiskError {
  return Object.assign(diskError(code), { written });
}

function spaceUsed(percent: number): DiskSpace {
  return { total: 100e9, free: (100 - percent) * 1e9, available: (100 - percent) * 1e9 };
}

/**
 * The real file system for tests that wait for nothing: after a kill, unlike a power cut, the kernel has all bytes. Its
 * partition is half full, whatever that of this machine is.
 */
export const unsyncedDisk: DirectDisk = {
  ...nodeDisk,
  space: () => spaceUsed(50),
  takesDirect: () => true,
  directMemory: (bytes) => Buffer.alloc(bytes),
  openDirect: (path) => nodeDisk.open(path, false),
  writeDirect: async (fd, pieces, position) => nodeDisk.writeSync(fd, Buffer.concat(pieces), position),
  fdatasync: () => Promise.resolve(),
  syncDirectory: () => Promise.resolve(),
};

/** The same disk on a file system without direct writes. */
export function withoutDirectWrites(disk: Disk): Disk {
  return { ...disk, takesDirect: undefined, directMemory: undefined, openDirect: undefined, writeDirect: undefined };
}

/** A disk, the real one unless given, with errors and delays where a test wants them. */
export function createFaultyDisk(inner: Disk = nodeDisk): FaultyDisk {
  const calls: FaultableCall[] = [];
  const paths = new Map<number, string>();
  const disk: FaultyDisk = {
    ...inner,
    calls,
    fault: () => undefined,
    beforeSync: undefined,
    beforeRead: undefined,
    losesSyncs: false,
    pathOf: (fd) => paths.get(fd) ?? '',
    percentUsed: () => 50,
  };
  const errorOf = (call: FaultableCall, target: string): DiskError | undefined => {
    calls.push(call);
    return disk.fault(call, calls.length - 1, target);
  };
  const strike = (call: FaultableCall, target: string): void => {
    const error = errorOf(call, target);
    if (error) throw error;
  };
  return Object.assign(disk, hasDirectWrites(inner) ? faultyDirect(disk, inner, paths, errorOf) : {}, {
    open(path: string, create: boolean) {
      if (create) strike('open', path);
      const fd = inner.open(path, create);
      paths.set(fd, path);
      return fd;
    },
    async read(fd: number, target: Uint8Array, position: number) {
      await disk.beforeRead?.(disk.pathOf(fd));
      return inner.read(fd, target, position);
    },
    space: (path: string) => spaceUsed(disk.percentUsed(path)),
    truncate(fd: number, length: number) {
      strike('truncate', disk.pathOf(fd));
      inner.truncate(fd, length);
    },
    writeSync(fd: number, source: Uint8Array, position: number) {
      const error = errorOf('writeSync', disk.pathOf(fd));
      const length = error ? Math.floor(source.length * (error.written ?? 0)) : source.length;
      if (length > 0) inner.writeSync(fd, source.subarray(0, length), position);
      if (error) throw error;
    },
    async fdatasync(fd: number) {
      await disk.beforeSync?.();
      strike('fdatasync', disk.pathOf(fd));
      if (!disk.losesSyncs) await inner.fdatasync(fd);
    },
    async syncDirectory(path: string) {
      strike('syncDirectory', path);
      if (!disk.losesSyncs) await inner.syncDirectory(path);
    },
    makeDirectory(path: string) {
      strike('makeDirectory', path);
      inner.makeDirectory(path);
    },
    rename(from: string, to: string) {
      strike('rename', to);
      inner.rename(from, to);
    },
    remove(path: string) {
      strike('remove', path);
      inner.remove(path);
    },
    removeTree(path: string) {
      strike('removeTree', path);
      inner.removeTree(path);
    },
  });
}

function faultyDirect(
  disk: FaultyDisk,
  inner: DirectDisk,
  paths: Map<number, string>,
  errorOf: (call: FaultableCall, target: string) => DiskError | undefined,
): Partial<DirectDisk> {
  return {
    openDirect(path) {
      const error = errorOf('openDirect', path);
      if (error) throw error;
      const fd = inner.openDirect(path);
      paths.set(fd, path);
      return fd;
    },
    async writeDirect(fd, pieces, position) {
      await disk.beforeSync?.();
      const error = errorOf('writeDirect', disk.pathOf(fd));
      if (!error && !disk.losesSyncs) return inner.writeDirect(fd, pieces, position);
      const source = Buffer.concat(pieces);
      const sectors = Math.floor((source.length / 512) * (error ? (error.written ?? 0) : 1));
      if (sectors > 0) inner.writeSync(fd, source.subarray(0, sectors * 512), position);
      if (error) throw error;
    },
  };
}
