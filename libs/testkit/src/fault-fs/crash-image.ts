import { dirname } from 'node:path';
import { seededRandom } from '../seeded-random.js';
import { createMemoryDisk, type MemoryDisk } from './memory-disk.js';
import { MemoryFile } from './memory-file.js';
import type { Change, DiskRecord, WriteChange } from './recording-disk.js';

/**
 * How the machine stops, before the change number `moment`.
 *
 * `kill`: the process only. The kernel has every call that ended, and `tornTo` bytes of the write under way; of a
 * direct write so many sectors of 512 bytes.
 *
 * `power`: what no sync covered, and no direct write that ended was, is the disk's to keep or lose. Each sector of
 * `sector` bytes holds what stood in it at some moment since the last sync of its file. Names, and sizes set by truncation, are journalled: `ordered` keeps all
 * of them up to one moment (ext4, XFS), `loose` those of each directory up to a moment of its own; a synced directory has
 * all its names, a synced file its size, a renamed file always one of the two names. A size that grew by writing reaches
 * the disk with the data, at any time. All that is drawn from `seed`.
 */
export type CrashPlan =
  | { readonly kind: 'kill'; readonly moment: number; readonly tornTo: number }
  | {
      readonly kind: 'power';
      readonly moment: number;
      readonly names: 'ordered' | 'loose';
      readonly sector: 512 | 4096;
      readonly seed: number;
    };

/** What a new process finds after the crash. */
export function crashImage(record: DiskRecord, plan: CrashPlan): MemoryDisk {
  const image = new ImageBuilder(record);
  if (plan.kind === 'power') {
    const survival = new Survival(record, plan);
    for (let i = 0; i < plan.moment; i++) survival.apply(image, record.changes[i] as Change, i);
    return image.finish((file) => survival.sizeOf(file));
  }
  const { moment, tornTo } = plan;
  const before = record.changes.slice(0, moment);
  const ended = endedWrites(before);
  for (const change of before) {
    const isUnderWay = change.kind === 'write' && change.isDirect && !ended.has(change);
    image.apply(isUnderWay ? tornWrite(change, tornTo) : change);
  }
  const next = record.changes[moment];
  if (next?.kind === 'write') image.apply(tornWrite(next, tornTo));
  return image.finish();
}

/** Direct writes that ended. */
function endedWrites(changes: readonly Change[]): Set<WriteChange> {
  return new Set(changes.flatMap((change) => (change.kind === 'written' ? [change.write] : [])));
}

function tornWrite(change: WriteChange, tornTo: number): WriteChange {
  return { ...change, bytes: change.bytes.subarray(0, change.isDirect ? tornTo * 512 : tornTo) };
}

/** A tree that grows change by change. */
class ImageBuilder {
  private readonly names: Map<string, MemoryFile>;
  private readonly directories: Set<string>;
  private readonly contents = new Map<MemoryFile, MemoryFile>();

  constructor(private readonly record: DiskRecord) {
    this.names = new Map(record.namesBefore);
    this.directories = new Set(record.directoriesBefore);
  }

  apply(change: Change): void {
    switch (change.kind) {
      case 'link':
        return void this.names.set(change.path, change.file);
      case 'unlink':
        return void this.names.delete(change.path);
      case 'rename':
        this.names.delete(change.from);
        return void this.names.set(change.path, change.file);
      case 'makeDirectory':
        return void this.directories.add(change.path);
      case 'removeDirectory':
        return void this.directories.delete(change.path);
      case 'truncate':
        return this.content(change.file).truncate(change.length);
      case 'write':
        return this.content(change.file).write(change.bytes, change.position);
      default:
    }
  }

  content(file: MemoryFile): MemoryFile {
    let content = this.contents.get(file);
    if (!content) {
      content = this.record.contentsBefore.get(file)?.copy() ?? new MemoryFile();
      this.contents.set(file, content);
    }
    return content;
  }

  /** @param sizeOf the size a file has in the end, where that is not what the changes left. */
  finish(sizeOf: (file: MemoryFile) => number | undefined = () => undefined): MemoryDisk {
    const disk = createMemoryDisk();
    const isReachable = (path: string): boolean =>
      path === '/' || (this.directories.has(path) && isReachable(dirname(path)));
    for (const path of this.directories) if (isReachable(path)) disk.directories.add(path);
    for (const [path, file] of this.names) {
      if (!disk.directories.has(dirname(path))) continue;
      const content = this.content(file);
      const size = sizeOf(file);
      if (size !== undefined && size !== content.size) content.truncate(size);
      disk.files.set(path, content);
    }
    return disk;
  }
}

/** How the disk treats the bytes of one file, or of one image. */
type Fate = 'kept' | 'lost' | 'mixed';

interface FileState {
  /** Changes before it are synced. */
  readonly covered: number;
  /** Truncations before it count, and extensions by writing before the other. */
  readonly truncatedUntil: number;
  readonly extendedUntil: number;
  readonly fate: Fate;
  readonly sectors: Map<number, number>;
  /** On the disk. */
  size: number;
  /** What the running system saw: a write below it makes nothing longer. */
  sizeSeen: number;
}

/** Draws, once for each name, size and sector, up to which change it got. */
class Survival {
  private readonly random: () => number;
  private readonly end: number;
  private readonly covered = new Map<MemoryFile, number>();
  private readonly ended: ReadonlySet<WriteChange>;
  private readonly namesCovered = new Map<string, number>();
  private readonly namesUntil = new Map<string, number>();
  private readonly files = new Map<MemoryFile, FileState>();
  /** Directory of each file. */
  private readonly homes = new Map<MemoryFile, string>();
  private readonly orderedUntil: number;
  private readonly imageFate: Fate;

  constructor(
    record: DiskRecord,
    private readonly plan: CrashPlan & { kind: 'power' },
  ) {
    this.random = seededRandom(plan.seed);
    this.end = plan.moment;
    for (const [path, file] of record.namesBefore) this.homes.set(file, dirname(path));
    const changes = record.changes.slice(0, plan.moment);
    this.ended = endedWrites(changes);
    for (const change of changes) {
      if (change.kind === 'sync') raise(this.covered, change.file, change.covers);
      else if (change.kind === 'syncDirectory') raise(this.namesCovered, change.path, change.covers);
      else if (change.kind === 'link' || change.kind === 'rename') this.homes.set(change.file, dirname(change.path));
    }
    this.orderedUntil = this.momentFrom(Math.max(0, ...this.namesCovered.values()));
    this.imageFate = this.drawFate();
  }

  apply(image: ImageBuilder, change: Change, index: number): void {
    switch (change.kind) {
      case 'sync':
      case 'syncDirectory':
      case 'written':
        return;
      case 'truncate': {
        const state = this.stateOf(image, change.file);
        state.sizeSeen = change.length;
        if (index >= state.covered && index >= state.truncatedUntil) return;
        image.apply(change);
        state.size = change.length;
        return;
      }
      case 'write':
        return this.write(image, change, index);
      default:
        if (index < this.namesLastUntil(dirname(change.path))) image.apply(change);
    }
  }

  sizeOf(file: MemoryFile): number | undefined {
    return this.files.get(file)?.size;
  }

  private write(image: ImageBuilder, change: WriteChange, index: number): void {
    const { file, position, bytes } = change;
    const { sector } = this.plan;
    const state = this.stateOf(image, file);
    const end = position + bytes.length;
    const isDurable = index < state.covered || this.ended.has(change);
    if (end > state.sizeSeen) {
      state.sizeSeen = end;
      if (isDurable || index < state.extendedUntil) state.size = Math.max(state.size, end);
    }
    if (isDurable) return image.apply(change);
    for (let at = 0; at < bytes.length;) {
      const place = Math.floor((position + at) / sector);
      const next = Math.min(bytes.length, (place + 1) * sector - position);
      if (index < this.sectorUntil(state, place)) {
        image.apply({ ...change, position: position + at, bytes: bytes.subarray(at, next) });
      }
      at = next;
    }
  }

  private stateOf(image: ImageBuilder, file: MemoryFile): FileState {
    let state = this.files.get(file);
    if (!state) {
      const { size } = image.content(file);
      const covered = this.covered.get(file) ?? 0;
      state = {
        covered,
        truncatedUntil: this.namesLastUntil(this.homes.get(file) ?? ''),
        extendedUntil: this.momentFrom(covered),
        fate: this.imageFate === 'mixed' ? this.drawFate() : this.imageFate,
        sectors: new Map(),
        size,
        sizeSeen: size,
      };
      this.files.set(file, state);
    }
    return state;
  }

  private sectorUntil(state: FileState, place: number): number {
    let until = state.sectors.get(place);
    if (until === undefined) {
      const fate = state.fate === 'mixed' ? this.drawFate() : state.fate;
      if (fate === 'mixed') until = this.momentFrom(state.covered);
      else until = fate === 'kept' ? this.end : state.covered;
      state.sectors.set(place, until);
    }
    return until;
  }

  private namesLastUntil(directory: string): number {
    if (this.plan.names === 'ordered') return this.orderedUntil;
    let until = this.namesUntil.get(directory);
    if (until === undefined) {
      until = this.momentFrom(this.namesCovered.get(directory) ?? 0);
      this.namesUntil.set(directory, until);
    }
    return until;
  }

  /** A moment between the given one and the crash; either end as likely as all between. */
  private momentFrom(first: number): number {
    const draw = this.random();
    if (draw < 0.25) return first;
    if (draw < 0.5) return this.end;
    return first + Math.floor(this.random() * (this.end - first + 1));
  }

  private drawFate(): Fate {
    const draw = this.random();
    return draw < 0.3 ? 'kept' : draw < 0.55 ? 'lost' : 'mixed';
  }
}

/** Of two syncs at the same time, the one that began first may end last. */
function raise<K>(map: Map<K, number>, key: K, value: number): void {
  map.set(key, Math.max(map.get(key) ?? 0, value));
}
