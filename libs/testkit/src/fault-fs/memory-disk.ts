import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Disk, DiskSpace } from '../../../store/src/index.js';
import { diskError } from './faulty-disk.js';
import { MemoryFile } from './memory-file.js';

/** A file system in memory. Syncs do nothing here: see recording-disk.ts for what they are worth. */
export interface MemoryDisk extends Disk {
  readonly files: Map<string, MemoryFile>;
  readonly directories: Set<string>;
  /** What `space` answers. */
  capacity: DiskSpace;
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
  const open = new Map<number, MemoryFile>();
  let lastFd = 2;

  const fileOf = (fd: number): MemoryFile => open.get(fd) ?? fail('EBADF', String(fd));
  const fileAt = (path: string): MemoryFile =>
    files.get(path) ?? fail(directories.has(path) ? 'EISDIR' : 'ENOENT', path);
  const expectParent = (path: string): void => {
    if (!directories.has(dirname(path))) fail(files.has(dirname(path)) ? 'ENOTDIR' : 'ENOENT', path);
  };
  const namesIn = (path: string): string[] => {
    const prefix = path === '/' ? path : `${path}/`;
    const names: string[] = [];
    for (const each of [...files.keys(), ...directories]) {
      if (each.startsWith(prefix) && each.length > prefix.length && !each.includes('/', prefix.length))
        names.push(each.slice(prefix.length));
    }
    return names.sort();
  };

  const disk: MemoryDisk = {
    files,
    directories,
    capacity: roomy,
    fileOf,
    open(path, create) {
      if (create && !files.has(path) && !directories.has(path)) {
        expectParent(path);
        files.set(path, new MemoryFile());
      }
      open.set(++lastFd, fileAt(path));
      return lastFd;
    },
    close(fd) {
      const file = fileOf(fd);
      if (file.lockedBy === fd) file.lockedBy = undefined;
      open.delete(fd);
    },
    size: (fd) => fileOf(fd).size,
    truncate: (fd, length) => fileOf(fd).truncate(length),
    readSync: (fd, target, position) => fileOf(fd).read(target, position),
    async read(fd, target, position) {
      return fileOf(fd).read(target, position);
    },
    writeSync: (fd, source, position) => fileOf(fd).write(source, position),
    async fdatasync(fd) {
      fileOf(fd);
    },
    async syncDirectory() {},
    makeDirectory(path) {
      if (directories.has(path)) return;
      if (files.has(path)) fail('EEXIST', path);
      disk.makeDirectory(dirname(path));
      directories.add(path);
    },
    list(path) {
      if (files.has(path)) fail('ENOTDIR', path);
      return namesIn(path);
    },
    exists: (path) => files.has(path) || directories.has(path),
    rename(from, to) {
      const file = fileAt(from);
      expectParent(to);
      files.delete(from);
      files.set(to, file);
    },
    link(from, to) {
      if (disk.exists(to)) fail('EEXIST', to);
      files.set(to, fileAt(from));
    },
    remove(path) {
      if (directories.has(path)) fail('EISDIR', path);
      files.delete(path);
    },
    removeTree(path) {
      for (const name of directories.has(path) ? namesIn(path) : []) disk.removeTree(join(path, name));
      directories.delete(path);
      files.delete(path);
    },
    space: () => disk.capacity,
    tryLock(fd) {
      const file = fileOf(fd);
      file.lockedBy ??= fd;
      return file.lockedBy === fd;
    },
    closeAll() {
      for (const fd of [...open.keys()]) disk.close(fd);
    },
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
