import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { directBlock, type DirectDisk, type DiskSpace } from '../../../store/src/index.js';
import { diskError } from './faulty-disk.js';
import { MemoryFile } from './memory-file.js';

/** A file system in memory. Syncs do nothing here: see recording-disk.ts for what they are worth. */
export interface MemoryDisk extends DirectDisk {
  readonly files: Map<string, MemoryFile>;
  readonly directories: Set<string>;
  /** What `space` answers. */
  capacity: DiskSpace;
  /** Nothing here is ever old: what asks for the age of a file must have a better reason to delete it. */
  modifiedAt(path: string): number;
  /** A second name for a file. */
  link(from: string, to: string): void;
  fileOf(fd: number): MemoryFile;
  /** What the end of a process does: its descriptors and locks are gone. */
  closeAll(): void;
  /** The same tree once more; the bytes are shared until one side writes. */
  copy(): MemoryDisk;
}

const roomy: DiskSpace = { total: 2 ** 40, free: 2 ** 39, available: 2 ** 39 };

export function createMemoryDisk(): MemoryDisk {
  const files = new Map<string, MemoryFile>();
  const directories = new Set<string>(['/']);
  const disk: MemoryDisk = {
    files,
    directories,
    capacity: roomy,
    space: () => disk.capacity,
    ...openFileCalls(files, directories),
    ...nameCalls(files, directories),
    copy() {
      const copy = createMemoryDisk();
      const copies = new Map<MemoryFile, MemoryFile>();
      for (const path of directories) copy.directories.add(path);
      for (const [path, file] of files) {
        const twin = copies.get(file) ?? file.copy();
        copies.set(file, twin);
        copy.files.set(path, twin);
      }
      copy.capacity = disk.capacity;
      return copy;
    },
  };
  return disk;
}

/** Calls on descriptors. */
function openFileCalls(files: Map<string, MemoryFile>, directories: Set<string>) {
  const open = new Map<number, MemoryFile>();
  let lastFd = 2;
  const fileOf = (fd: number): MemoryFile => open.get(fd) ?? fail('EBADF', String(fd));
  const close = (fd: number): void => {
    const file = fileOf(fd);
    if (file.lockedBy === fd) file.lockedBy = undefined;
    open.delete(fd);
  };
  const openFile = (path: string, create: boolean): number => {
    if (create && !files.has(path) && !directories.has(path)) {
      expectParent(files, directories, path);
      files.set(path, new MemoryFile());
    }
    open.set(++lastFd, fileAt(files, directories, path));
    return lastFd;
  };
  return {
    fileOf,
    close,
    open: openFile,
    takesDirect: () => true,
    directMemory: (bytes: number) => Buffer.alloc(bytes),
    openDirect: (path: string) => openFile(path, false),
    async writeDirect(fd: number, pieces: readonly Uint8Array[], position: number) {
      const isWhole = (length: number): boolean => length % directBlock === 0;
      if (!isWhole(position) || !pieces.every((piece) => isWhole(piece.length))) fail('EINVAL', `${position}`);
      fileOf(fd).write(Buffer.concat(pieces), position);
    },
    size: (fd: number) => fileOf(fd).size,
    truncate: (fd: number, length: number) => fileOf(fd).truncate(length),
    readSync: (fd: number, target: Uint8Array, position: number) => fileOf(fd).read(target, position),
    read: async (fd: number, target: Uint8Array, position: number) => fileOf(fd).read(target, position),
    writeSync: (fd: number, source: Uint8Array, position: number) => fileOf(fd).write(source, position),
    fdatasync: async (fd: number) => void fileOf(fd),
    tryLock(fd: number) {
      const file = fileOf(fd);
      file.lockedBy ??= fd;
      return file.lockedBy === fd;
    },
    closeAll() {
      for (const fd of open.keys()) close(fd);
    },
  };
}

/** Calls on paths. */
function nameCalls(files: Map<string, MemoryFile>, directories: Set<string>) {
  const namesIn = (path: string): string[] => {
    const prefix = path === '/' ? path : `${path}/`;
    const names: string[] = [];
    for (const each of [...files.keys(), ...directories]) {
      if (each.startsWith(prefix) && each.length > prefix.length && !each.includes('/', prefix.length))
        names.push(each.slice(prefix.length));
    }
    return names.sort();
  };
  const exists = (path: string): boolean => files.has(path) || directories.has(path);
  const makeDirectory = (path: string): void => {
    if (directories.has(path)) return;
    if (files.has(path)) fail('EEXIST', path);
    makeDirectory(dirname(path));
    directories.add(path);
  };
  const removeTree = (path: string): void => {
    for (const name of directories.has(path) ? namesIn(path) : []) removeTree(join(path, name));
    directories.delete(path);
    files.delete(path);
  };
  return {
    exists,
    makeDirectory,
    removeTree,
    syncDirectory: async () => undefined,
    modifiedAt: () => Number.MAX_SAFE_INTEGER,
    list(path: string) {
      if (files.has(path)) fail('ENOTDIR', path);
      return namesIn(path);
    },
    rename(from: string, to: string) {
      const file = fileAt(files, directories, from);
      expectParent(files, directories, to);
      files.delete(from);
      files.set(to, file);
    },
    link(from: string, to: string) {
      if (exists(to)) fail('EEXIST', to);
      expectParent(files, directories, to);
      files.set(to, fileAt(files, directories, from));
    },
    remove(path: string) {
      if (directories.has(path)) fail('EISDIR', path);
      files.delete(path);
    },
  };
}

function fileAt(files: ReadonlyMap<string, MemoryFile>, directories: ReadonlySet<string>, path: string): MemoryFile {
  return files.get(path) ?? fail(directories.has(path) ? 'EISDIR' : 'ENOENT', path);
}

function expectParent(files: ReadonlyMap<string, MemoryFile>, directories: ReadonlySet<string>, path: string): void {
  if (!directories.has(dirname(path))) fail(files.has(dirname(path)) ? 'ENOTDIR' : 'ENOENT', path);
}

/** A directory of this machine in memory, as `target`. */
export function loadDirectory(disk: MemoryDisk, source: string, target: string): void {
  disk.makeDirectory(target);
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) {
      loadDirectory(disk, from, to);
      continue;
    }
    const file = new MemoryFile();
    file.write(readFileSync(from), 0);
    disk.files.set(to, file);
  }
}

function fail(code: string, what: string): never {
  throw diskError(code, what);
}
