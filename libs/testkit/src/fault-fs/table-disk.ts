import { nextTurn, type TableDisk } from '../../../common/src/index.js';
import type { Disk } from '../../../store/src/index.js';

/** The tables' view of a disk: each of their calls in the steps the system takes. */
export function tableDiskOn(disk: Disk & { link(from: string, to: string): void }): TableDisk {
  return {
    async read(path) {
      if (!disk.exists(path)) return undefined;
      const fd = disk.open(path, false);
      try {
        const bytes = Buffer.alloc(disk.size(fd));
        await disk.read(fd, bytes, 0);
        return bytes.toString('utf8');
      } finally {
        disk.close(fd);
      }
    },
    async write(path, text) {
      const fd = disk.open(path, true);
      try {
        disk.truncate(fd, 0);
        // As Node does it: not all at once.
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.length; at += pieceSize) {
          disk.writeSync(fd, bytes.subarray(at, at + pieceSize), at);
          await nextTurn();
        }
        await disk.fdatasync(fd);
      } finally {
        disk.close(fd);
      }
    },
    async link(from, to) {
      if (disk.exists(from)) disk.link(from, to);
    },
    async rename(from, to) {
      disk.rename(from, to);
    },
    async remove(path) {
      disk.remove(path);
    },
    makeDirectories: (path) => disk.makeDirectory(path),
    syncDirectory: (path) => disk.syncDirectory(path),
  };
}

const pieceSize = 1000;
