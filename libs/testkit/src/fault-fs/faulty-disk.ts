import { nodeDisk, type Disk } from '../../../store/src/index.js';

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
  /** Set: `fdatasync` waits for what it returns. */
  beforeSync: (() => Promise<void>) | undefined;
  /** True: syncs answer well and do nothing, as a disk that lies. */
  losesSyncs: boolean;
}

export function diskError(code: string, what = 'injected'): DiskError {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

/** An error after part of the bytes went through. */
export function shortWrite(code: string, written = 0.5): DiskError {
  return Object.assign(diskError(code), { written });
}

/** The real file system for tests that wait for nothing: after a kill, unlike a power cut, the kernel has all bytes. */
export const unsyncedDisk: Disk = {
  ...nodeDisk,
  fdatasync: () => Promise.resolve(),
  syncDirectory: () => Promise.resolve(),
};

/** A disk, the real one unless given, with errors and delays where a test wants them. */
export function createFaultyDisk(inner: Disk = nodeDisk): FaultyDisk {
  const calls: FaultableCall[] = [];
  const paths = new Map<number, string>();
  const disk: FaultyDisk = { ...inner, calls, fault: () => undefined, beforeSync: undefined, losesSyncs: false };
  const errorOf = (call: FaultableCall, target: string): DiskError | undefined => {
    calls.push(call);
    return disk.fault(call, calls.length - 1, target);
  };
  const strike = (call: FaultableCall, target: string): void => {
    const error = errorOf(call, target);
    if (error) throw error;
  };
  const pathOf = (fd: number): string => paths.get(fd) ?? '';
  return Object.assign(disk, {
    open(path: string, create: boolean) {
      if (create) strike('open', path);
      const fd = inner.open(path, create);
      paths.set(fd, path);
      return fd;
    },
    truncate(fd: number, length: number) {
      strike('truncate', pathOf(fd));
      inner.truncate(fd, length);
    },
    writeSync(fd: number, source: Uint8Array, position: number) {
      const error = errorOf('writeSync', pathOf(fd));
      const length = error ? Math.floor(source.length * (error.written ?? 0)) : source.length;
      if (length > 0) inner.writeSync(fd, source.subarray(0, length), position);
      if (error) throw error;
    },
    async fdatasync(fd: number) {
      await disk.beforeSync?.();
      strike('fdatasync', pathOf(fd));
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
