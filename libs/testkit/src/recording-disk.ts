import { closeSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { nodeDisk, type Disk } from '../../store/src/index.js';

type Change =
  | { readonly kind: 'create' | 'remove' | 'makeDirectory' | 'removeTree'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly from: string }
  | { readonly kind: 'truncate'; readonly path: string; readonly length: number }
  | { readonly kind: 'write'; readonly path: string; readonly position: number; readonly bytes: Buffer }
  /** Ended well: of the changes of this file, the first `covers` of all are on the disk. */
  | { readonly kind: 'sync'; readonly path: string; readonly covers: number };

export interface RecordingDisk extends Disk {
  /** Changes so far: a moment at which the machine may stop. */
  readonly moment: number;
  /** Does the changes before `moment` once more, in a directory that is as this one was at first. */
  replayOn(moment: number, target: string): void;
  /** What a kill of the process at `moment` leaves in `target`: all changes before, and part of the write under way. */
  imageAfterKill(moment: number, tornTo: number, target: string): void;
  /**
   * What a power cut at `moment` leaves: of the writes that no sync had followed, only those that `survives` picks.
   * Names of files are taken to survive, as a journal keeps them in order.
   */
  imageAfterPowerCut(moment: number, survives: () => boolean, target: string): void;
}

/** The real file system, remembering every change below `root`, so that crashes at any moment can be played. */
export function createRecordingDisk(root: string): RecordingDisk {
  const changes: Change[] = [];
  const paths = new Map<number, string>();
  const record = (change: Change): void => void changes.push({ ...change, path: relative(root, change.path) });
  const pathOf = (fd: number): string => paths.get(fd) ?? '';
  return {
    ...nodeDisk,
    open(path, create) {
      const isNew = create && !nodeDisk.exists(path);
      const fd = nodeDisk.open(path, create);
      paths.set(fd, path);
      if (isNew) record({ kind: 'create', path });
      return fd;
    },
    truncate(fd, length) {
      nodeDisk.truncate(fd, length);
      record({ kind: 'truncate', path: pathOf(fd), length });
    },
    writeSync(fd, source, position) {
      nodeDisk.writeSync(fd, source, position);
      record({ kind: 'write', path: pathOf(fd), position, bytes: Buffer.from(source) });
    },
    async fdatasync(fd) {
      const path = pathOf(fd);
      // What is written while the call is under way may miss it.
      const covers = changes.length;
      await new Promise<void>((resolve) => setImmediate(resolve));
      record({ kind: 'sync', path, covers });
    },
    syncDirectory: () => Promise.resolve(),
    makeDirectory(path) {
      nodeDisk.makeDirectory(path);
      record({ kind: 'makeDirectory', path });
    },
    rename(from, to) {
      nodeDisk.rename(from, to);
      record({ kind: 'rename', path: to, from: relative(root, from) });
    },
    remove(path) {
      nodeDisk.remove(path);
      record({ kind: 'remove', path });
    },
    removeTree(path) {
      nodeDisk.removeTree(path);
      record({ kind: 'removeTree', path });
    },
    get moment() {
      return changes.length;
    },
    imageAfterKill(moment, tornTo, target) {
      const kept = changes.slice(0, moment);
      const next = changes[moment];
      if (next?.kind === 'write') kept.push({ ...next, bytes: next.bytes.subarray(0, tornTo) });
      replayInto(kept, target);
    },
    replayOn: (moment, target) => replay(changes.slice(0, moment), target),
    imageAfterPowerCut(moment, survives, target) {
      const before = changes.slice(0, moment);
      const covered = new Map<string, number>();
      for (const change of before) if (change.kind === 'sync') covered.set(change.path, change.covers);
      const isLost = (change: Change, i: number): boolean =>
        change.kind === 'write' && i >= (covered.get(change.path) ?? 0) && !survives();
      replayInto(
        before.filter((change, i) => !isLost(change, i)),
        target,
      );
    },
  };
}

function replayInto(changes: readonly Change[], target: string): void {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  replay(changes, target);
}

function replay(changes: readonly Change[], target: string): void {
  for (const change of changes) {
    const path = join(target, change.path);
    if (change.kind === 'makeDirectory') mkdirSync(path, { recursive: true });
    else if (change.kind === 'remove' || change.kind === 'removeTree') rmSync(path, { recursive: true, force: true });
    else if (change.kind === 'rename') renameSync(join(target, change.from), path);
    else if (change.kind !== 'sync') applyTo(path, change);
  }
}

function applyTo(path: string, change: Change): void {
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, change.kind === 'create' ? 'w' : 'r+');
  try {
    if (change.kind === 'truncate') ftruncateSync(fd, change.length);
    else if (change.kind === 'write') writeSync(fd, change.bytes, 0, change.bytes.length, change.position);
  } finally {
    closeSync(fd);
  }
}
