import * as fs from 'node:fs';
import { tryLock } from 'fs-native-extensions';
import { codeOf, makeDirectories } from '../../../common/src/index.js';
import type { Disk } from './disk.js';
import { nodeDirect } from './node-direct.js';

/** The file system of this machine. */
export const nodeDisk: Disk = {
  open: (path, create) => fs.openSync(path, create ? fs.constants.O_RDWR | fs.constants.O_CREAT : fs.constants.O_RDWR),
  close: (fd) => fs.closeSync(fd),
  size: (fd) => fs.fstatSync(fd).size,
  allocated: (fd) => fs.fstatSync(fd).blocks * 512,
  truncate: (fd, length) => fs.ftruncateSync(fd, length),
  readSync(fd, target, position) {
    let done = 0;
    while (done < target.length) {
      const count = fs.readSync(fd, target, done, target.length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  },
  async read(fd, target, position) {
    let done = 0;
    while (done < target.length) {
      const count = await readOnce(fd, target, done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  },
  writeSync(fd, source, position) {
    let done = 0;
    while (done < source.length) done += fs.writeSync(fd, source, done, source.length - done, position + done);
  },
  ...nodeDirect,
  fdatasync: (fd) => new Promise((resolve, reject) => fs.fdatasync(fd, (error) => (error ? reject(error) : resolve()))),
  async syncDirectory(path) {
    // Windows cannot open directories; it makes names durable with the file itself.
    if (process.platform === 'win32') return;
    let directory: fs.promises.FileHandle | undefined;
    try {
      directory = await fs.promises.open(path, 'r');
      await directory.sync();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    } finally {
      await directory?.close();
    }
  },
  makeDirectory: (path) => makeDirectories(path),
  list(path) {
    try {
      return fs.readdirSync(path).sort();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  },
  exists: (path) => fs.existsSync(path),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path, { force: true }),
  removeTree: (path) => fs.rmSync(path, { force: true, recursive: true }),
  modifiedAt: (path) => fs.statSync(path).mtimeMs,
  space(path) {
    const { bsize, blocks, bfree, bavail } = fs.statfsSync(path);
    return { total: bsize * blocks, free: bsize * bfree, available: bsize * bavail };
  },
  tryLock: (fd) => tryLock(fd, 0, 1),
};

function readOnce(fd: number, target: Uint8Array, offset: number, position: number): Promise<number> {
  return new Promise((resolve, reject) =>
    fs.read(fd, target, offset, target.length - offset, position, (error, count) =>
      error ? reject(error) : resolve(count),
    ),
  );
}
