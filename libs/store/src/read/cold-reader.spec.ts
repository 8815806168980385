import { beforeEach, describe, expect, it } from '@jest/globals';
import { ColdReader } from './cold-reader.js';

interface Begun {
  readonly offset: number;
  readonly length: number;
  readonly end: (result: Buffer | undefined) => void;
  readonly fail: (error: Error) => void;
}

let begun: Begun[];
let reader: ColdReader;
beforeEach(() => {
  begun = [];
  const readUpTo = (offset: number, length: number): Promise<Buffer | undefined> =>
    new Promise((resolve, reject) => {
      begun.push({ offset, length, end: resolve, fail: reject });
    });
  const readInto = async (offset: number, target: Buffer): Promise<number> =>
    (await readUpTo(offset, target.length))?.copy(target) ?? 0;
  reader = new ColdReader({ readUpTo, readInto }, 100);
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const offsets = (): number[] => begun.map(({ offset }) => offset);

describe('reads under way', () => {
  it('hold no more bytes than the limit, and wait in order', async () => {
    const reads = [0, 1000, 2000, 3000].map((offset) => reader.read(offset, offset === 1000 ? 90 : 30));
    await turn();
    expect(offsets()).toEqual([0]);
    begun[0]?.end(Buffer.alloc(30));
    await turn();
    expect(offsets()).toEqual([0, 1000]);
    begun[1]?.end(undefined);
    await turn();
    expect(offsets()).toEqual([0, 1000, 2000, 3000]);
    for (const { end } of begun) end(Buffer.alloc(5));
    expect((await Promise.all(reads)).map((bytes) => bytes?.length)).toEqual([30, undefined, 5, 5]);
  });

  it('into memory of the caller wait their turn as the others do', async () => {
    const target = Buffer.alloc(90);
    const reads = [reader.read(0, 30), reader.readInto(1000, target), reader.readInto(2000, Buffer.alloc(5))];
    await turn();
    expect(offsets()).toEqual([0]);
    begun[0]?.end(undefined);
    await turn();
    expect(offsets()).toEqual([0, 1000, 2000]);
    begun[1]?.end(Buffer.from('there'));
    begun[2]?.end(undefined);
    expect(await Promise.all(reads)).toEqual([undefined, 5, 0]);
    expect(target.toString('latin1', 0, 6)).toBe('there\0');
  });

  it('larger than the limit go alone', async () => {
    const reads = [reader.read(0, 10), reader.read(1000, 500), reader.read(2000, 10)];
    await turn();
    expect(offsets()).toEqual([0]);
    begun[0]?.end(undefined);
    await turn();
    expect(offsets()).toEqual([0, 1000]);
    begun[1]?.end(undefined);
    await turn();
    expect(offsets()).toEqual([0, 1000, 2000]);
    begun[2]?.end(undefined);
    await Promise.all(reads);
  });

  it('that fail make room, and fail for all who share them', async () => {
    const failed = [reader.read(0, 100), reader.read(10, 20)];
    const next = reader.read(1000, 100);
    await turn();
    expect(offsets()).toEqual([0]);
    begun[0]?.fail(new Error('EIO'));
    for (const read of failed) await expect(read).rejects.toThrow('EIO');
    await turn();
    expect(offsets()).toEqual([0, 1000]);
    begun[1]?.end(undefined);
    await next;
  });

  it('serve everything that lies within them', async () => {
    const bytes = Buffer.from('0123456789');
    const reads = [reader.read(100, 10), reader.read(100, 4), reader.read(106, 4), reader.read(103, 2)];
    const outside = [reader.read(106, 5), reader.read(99, 3)];
    await turn();
    expect(offsets()).toEqual([100, 106, 99]);
    for (const { end } of begun) end(bytes);
    expect((await Promise.all(reads)).map(String)).toEqual(['0123456789', '0123', '6789', '34']);
    await Promise.all(outside);
    // One that ended early has nothing for those behind its end.
    const short = [reader.read(200, 10), reader.read(202, 8), reader.read(206, 4)];
    await turn();
    begun[3]?.end(bytes.subarray(0, 4));
    expect((await Promise.all(short)).map((part) => part?.toString())).toEqual(['0123', '23', undefined]);
  });
});
