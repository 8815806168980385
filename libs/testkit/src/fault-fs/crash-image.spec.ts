import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Disk } from '../../../store/src/index.js';
import { crashImage, type CrashPlan } from './crash-image.js';
import { createMemoryDisk, type MemoryDisk } from './memory-disk.js';
import { createRecordingDisk, type RecordingDisk } from './recording-disk.js';

let disk: RecordingDisk;
let system: Disk;
beforeEach(() => {
  const memory = createMemoryDisk();
  memory.makeDirectory('/d');
  disk = createRecordingDisk(memory);
  system = disk.boot();
});

function write(path: string, text: string, position = 0): number {
  const fd = system.open(path, true);
  system.writeSync(fd, Buffer.from(text), position);
  return fd;
}

/** A synced file of so many blocks, and a way to write to it directly. */
async function direct(filling: string, blocks: number) {
  await system.fdatasync(write('/d/a', filling.repeat(blocks * 4096)));
  await system.syncDirectory('/d');
  const fd = system.openDirect?.('/d/a') as number;
  const written = (bytes: string, count: number): Promise<void> =>
    system.writeDirect?.(fd, Array(count).fill(Buffer.alloc(4096, bytes)), 0) as Promise<void>;
  return { written, fd };
}

const text = (image: MemoryDisk, path: string): string | undefined =>
  image.files.get(path)?.contents().toString('latin1');

/** Every content a file may have after a power cut now; undefined when it is not there. */
function outcomes(
  path: string,
  names: 'ordered' | 'loose' = 'ordered',
  sector: 512 | 4096 = 512,
): Set<string | undefined> {
  const found = new Set<string | undefined>();
  for (let seed = 0; seed < 400; seed++) {
    const plan: CrashPlan = { kind: 'power', moment: disk.moment, names, sector, seed };
    found.add(text(crashImage(disk, plan), path));
  }
  return found;
}

describe('a kill', () => {
  it('leaves all that was written, and part of the write under way', () => {
    write('/d/a', 'one');
    write('/d/a', 'two', 3);
    expect(text(crashImage(disk, { kind: 'kill', moment: 3, tornTo: 0 }), '/d/a')).toBe('onetwo');
    expect(text(crashImage(disk, { kind: 'kill', moment: 2, tornTo: 2 }), '/d/a')).toBe('onetw');
    expect(text(crashImage(disk, { kind: 'kill', moment: 0, tornTo: 0 }), '/d/a')).toBeUndefined();
  });

  it('leaves a direct write that ended, and sectors of one under way', async () => {
    const { written, fd } = await direct('o', 2);
    const later = disk.moment;
    const under = written('n', 2);
    const seen = (tornTo: number, moment = later + 1): string =>
      (text(crashImage(disk, { kind: 'kill', moment, tornTo }), '/d/a') ?? '').replace(/(.)\1{511}/g, '$1');
    expect([seen(0), seen(3), seen(999)]).toEqual(['o'.repeat(16), 'nnn' + 'o'.repeat(13), 'n'.repeat(16)]);
    await under;
    expect(seen(0, disk.moment)).toBe('n'.repeat(16));
    // One of a process that is killed ends before the next process can have its lock.
    void system.writeDirect?.(fd, [Buffer.alloc(4096, 'k')], 0);
    disk.boot();
    expect(seen(0, disk.moment)).toBe('k'.repeat(8) + 'n'.repeat(8));
  });

  it('ends the process: its calls throw, its locks are free', () => {
    const fd = write('/d/lock', '');
    expect(system.tryLock(fd)).toBe(true);
    const next = disk.boot();
    expect(next.tryLock(next.open('/d/lock', false))).toBe(true);
    expect(() => system.remove('/d/lock')).toThrow('the process was killed');
  });
});

describe('a power cut', () => {
  it('keeps what file and directory were synced for, and no more', async () => {
    const fd = write('/d/a', 'kept');
    expect(outcomes('/d/a')).toEqual(new Set([undefined, '', '\0\0\0\0', 'kept']));
    await system.fdatasync(fd);
    expect(outcomes('/d/a')).toEqual(new Set([undefined, 'kept']));
    await system.syncDirectory('/d');
    expect(outcomes('/d/a')).toEqual(new Set(['kept']));
    system.writeSync(fd, Buffer.from('next'), 0);
    expect(outcomes('/d/a')).toEqual(new Set(['kept', 'next']));
  });

  it('does not keep what was written while the sync was under way', async () => {
    const fd = write('/d/a', 'before');
    const synced = system.fdatasync(fd);
    system.writeSync(fd, Buffer.from('during'), 0);
    await synced;
    await system.syncDirectory('/d');
    expect(outcomes('/d/a')).toEqual(new Set(['before', 'during']));
  });

  it.each([512, 4096] as const)('tears writes at %d bytes, in any order', async (sector) => {
    const fd = write('/d/a', 'o'.repeat(2 * sector));
    await system.fdatasync(fd);
    await system.syncDirectory('/d');
    system.writeSync(fd, Buffer.alloc(2 * sector, 'n'), 0);
    const parts = [...outcomes('/d/a', 'ordered', sector)].map((each) => [each?.[0], each?.[sector]].join(''));
    expect(new Set(parts)).toEqual(new Set(['oo', 'on', 'no', 'nn']));
  });

  it.each([512, 4096] as const)(
    'tears a direct write at %d bytes until it ended, and keeps it then',
    async (sector) => {
      const { written } = await direct('o', 2);
      const parts = (): Set<string> =>
        new Set([...outcomes('/d/a', 'ordered', sector)].map((each) => [each?.[0], each?.[sector]].join('')));
      expect(parts()).toEqual(new Set(['oo']));
      const under = written('n', 2);
      expect(parts()).toEqual(new Set(['oo', 'on', 'no', 'nn']));
      await under;
      expect(parts()).toEqual(new Set(['nn']));
      // It covers nothing else.
      system.writeSync(system.open('/d/a', false), Buffer.from('x'), sector);
      await written('m', 1);
      expect(parts()).toEqual(sector === 512 ? new Set(['mm']) : new Set(['mn', 'mx']));
    },
  );

  it('does not keep the size of a file that was only written to directly', async () => {
    const fd = system.open('/d/a', true);
    await system.syncDirectory('/d');
    system.truncate(fd, 4096);
    await system.writeDirect?.(system.openDirect?.('/d/a') as number, [Buffer.alloc(4096, 'n')], 0);
    expect(outcomes('/d/a')).toEqual(new Set(['', 'n'.repeat(4096)]));
  });

  it('renames at once: one name or the other, never neither', async () => {
    await system.fdatasync(write('/d/a', 'x'));
    await system.syncDirectory('/d');
    system.rename('/d/a', '/d/b');
    for (let seed = 0; seed < 50; seed++) {
      const image = crashImage(disk, { kind: 'power', moment: disk.moment, names: 'loose', sector: 512, seed });
      expect(image.files.size).toBe(1);
    }
    expect(outcomes('/d/b')).toEqual(new Set([undefined, 'x']));
  });

  it('keeps names in the order of the journal, or of their directory', () => {
    system.makeDirectory('/d/one');
    system.makeDirectory('/d/two');
    for (const path of ['/d/one/1', '/d/two/2', '/d/one/3']) system.open(path, true);
    const seen = (names: 'ordered' | 'loose'): Set<string> => {
      const found = new Set<string>();
      for (let seed = 0; seed < 400; seed++) {
        const image = crashImage(disk, { kind: 'power', moment: disk.moment, names, sector: 512, seed });
        found.add([...image.files.keys()].map((path) => path.at(-1)).join(''));
      }
      return found;
    };
    expect(seen('ordered')).toEqual(new Set(['', '1', '12', '123']));
    expect(seen('loose')).toEqual(new Set(['', '1', '12', '123', '2', '13']));
  });

  it('may bring back what a truncation removed, until that is synced', async () => {
    const fd = write('/d/a', 'old');
    await system.fdatasync(fd);
    await system.syncDirectory('/d');
    system.truncate(fd, 0);
    system.truncate(fd, 3);
    expect(outcomes('/d/a')).toEqual(new Set(['old', '', '\0\0\0']));
    await system.fdatasync(fd);
    expect(outcomes('/d/a')).toEqual(new Set(['\0\0\0']));
  });
});
