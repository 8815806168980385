import { nextTurn } from '../../../common/src/index.js';
import { dirname, join } from 'node:path';
import type { Disk, DirectDisk } from '../../../store/src/index.js';
import { diskError } from './faulty-disk.js';
import type { MemoryDisk } from './memory-disk.js';
import type { MemoryFile } from './memory-file.js';

/** One change of the disk. Files are told apart by themselves, names point to them, as inodes and directories do. */
export type Change =
  | { readonly kind: 'link'; readonly path: string; readonly file: MemoryFile }
  | { readonly kind: 'unlink' | 'makeDirectory' | 'removeDirectory'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly path: string; readonly file: MemoryFile }
  | { readonly kind: 'truncate'; readonly file: MemoryFile; readonly length: number }
  | WriteChange
  /** A direct write ended well: the medium has it. It began where it stands among the changes itself. */
  | { readonly kind: 'written'; readonly write: WriteChange }
  /** Ended well: of the changes of this file, those among the first `covers` of all are on the medium. */
  | { readonly kind: 'sync'; readonly file: MemoryFile; readonly covers: number }
  | { readonly kind: 'syncDirectory'; readonly path: string; readonly covers: number };

export interface WriteChange {
  readonly kind: 'write';
  readonly file: MemoryFile;
  readonly position: number;
  readonly bytes: Buffer;
  readonly isDirect: boolean;
}

export interface DiskRecord {
  readonly changes: readonly Change[];
  /** The tree before the first change, all of it durable; files by the identity they have in `changes`. */
  readonly directoriesBefore: ReadonlySet<string>;
  readonly namesBefore: ReadonlyMap<string, MemoryFile>;
  readonly contentsBefore: ReadonlyMap<MemoryFile, MemoryFile>;
}

export interface RecordingDisk extends DiskRecord, DirectDisk {
  /** Changes so far: a moment at which the machine may stop. */
  readonly moment: number;
  link(from: string, to: string): void;
  /**
   * The disk as a process sees it. The process before is killed: its descriptors and locks are gone, and each call it
   * still makes throws.
   */
  boot(): Disk;
}

/**
 * Remembers every change of `memory`, so that crashes at any moment can be played. A sync takes as many turns of the
 * event loop as `turnsOf` says, and covers what was done before it began; so does a direct write, which covers itself.
 */
export function createRecordingDisk(memory: MemoryDisk, turnsOf: () => number = () => 1): RecordingDisk {
  const changes: Change[] = [];
  const contentsBefore = new Map<MemoryFile, MemoryFile>();
  for (const file of memory.files.values()) if (!contentsBefore.has(file)) contentsBefore.set(file, file.copy());
  const record = (change: Change): void => void changes.push(change);
  const syncing = async (): Promise<number> => {
    const covers = changes.length;
    for (let turn = turnsOf(); turn > 0; turn--) await nextTurn();
    return covers;
  };
  let endProcess = (): void => undefined;
  const underWay = new Set<WriteChange>();
  const endWrite = (write: WriteChange): void => {
    if (underWay.delete(write)) record({ kind: 'written', write });
  };
  // The medium may have any of its sectors from the beginning on.
  const writeDirect = async (fd: number, pieces: readonly Uint8Array[], position: number): Promise<void> => {
    const done = memory.writeDirect(fd, pieces, position);
    const bytes = Buffer.concat(pieces);
    const write: WriteChange = { kind: 'write', file: memory.fileOf(fd), position, bytes, isDirect: true };
    record(write);
    underWay.add(write);
    await done;
    await syncing();
    endWrite(write);
  };
  const disk: RecordingDisk = {
    ...memory,
    writeDirect,
    changes,
    directoriesBefore: new Set(memory.directories),
    namesBefore: new Map(memory.files),
    contentsBefore,
    ...recordedCalls(memory, record, syncing),
    get moment() {
      return changes.length;
    },
    boot() {
      endProcess();
      // A process is gone, and its locks with it, when no call of it is under way any more.
      for (const write of underWay) endWrite(write);
      memory.closeAll();
      const { view, end } = processOn(disk);
      endProcess = end;
      return view;
    },
  };
  return disk;
}

function recordedCalls(memory: MemoryDisk, record: (change: Change) => void, syncing: () => Promise<number>) {
  const removeTree = (path: string): void => {
    // Not one step for the system either: the machine may stop in between.
    for (const name of memory.directories.has(path) ? memory.list(path) : []) removeTree(join(path, name));
    const isDirectory = memory.directories.has(path);
    if (!isDirectory && !memory.files.has(path)) return;
    memory.removeTree(path);
    record({ kind: isDirectory ? 'removeDirectory' : 'unlink', path });
  };
  const makeDirectory = (path: string): void => {
    if (memory.directories.has(path)) return;
    if (!memory.exists(dirname(path))) makeDirectory(dirname(path));
    memory.makeDirectory(path);
    record({ kind: 'makeDirectory', path });
  };
  return {
    removeTree,
    makeDirectory,
    open(path: string, create: boolean) {
      const isNew = create && !memory.exists(path);
      const fd = memory.open(path, create);
      if (isNew) record({ kind: 'link', path, file: memory.fileOf(fd) });
      return fd;
    },
    truncate(fd: number, length: number) {
      memory.truncate(fd, length);
      record({ kind: 'truncate', file: memory.fileOf(fd), length });
    },
    writeSync(fd: number, source: Uint8Array, position: number) {
      memory.writeSync(fd, source, position);
      record({ kind: 'write', file: memory.fileOf(fd), position, bytes: Buffer.from(source), isDirect: false });
    },
    async fdatasync(fd: number) {
      const file = memory.fileOf(fd);
      record({ kind: 'sync', file, covers: await syncing() });
    },
    async syncDirectory(path: string) {
      record({ kind: 'syncDirectory', path, covers: await syncing() });
    },
    rename(from: string, to: string) {
      memory.rename(from, to);
      record({ kind: 'rename', from, path: to, file: memory.files.get(to) as MemoryFile });
    },
    link(from: string, to: string) {
      memory.link(from, to);
      record({ kind: 'link', path: to, file: memory.files.get(to) as MemoryFile });
    },
    remove(path: string) {
      const wasThere = memory.files.has(path);
      memory.remove(path);
      if (wasThere) record({ kind: 'unlink', path });
    },
  };
}

function processOn(disk: Disk): { view: Disk; end: () => void } {
  let isOver = false;
  const calls = Object.entries(disk).map(([name, call]: [string, unknown]) => {
    if (typeof call !== 'function') return [name, call];
    const guarded = (...args: unknown[]): unknown => {
      if (isOver) throw diskError('EIO', 'the process was killed');
      return (call as (...args: unknown[]) => unknown)(...args);
    };
    return [name, guarded];
  });
  return { view: Object.fromEntries(calls) as Disk, end: () => void (isOver = true) };
}
