import { nodeDisk, type Disk } from '../../store/src/index.js';

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
}

export function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

/** The real file system for tests that wait for nothing: after a kill, unlike a power cut, the kernel has all bytes. */
export const unsyncedDisk: Disk = {
  ...nodeDisk,
  fdatasync: () => Promise.resolve(),
  syncDirectory: () => Promise.resolve(),
};

/** The real file system, with errors and delays where a test wants them. */
export function createFaultyDisk(): FaultyDisk {
  const calls: FaultableCall[] = [];
  const disk: FaultyDisk = { ...nodeDisk, calls, fault: () => undefined, beforeSync: undefined };
  const strike = (call: FaultableCall): void => {
    const error = disk.fault(call, calls.length);
    calls.push(call);
    if (error) throw error;
  };
  return Object.assign(disk, {
    open(path: string, create: boolean) {
      if (create) strike('open');
      return nodeDisk.open(path, create);
    },
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
