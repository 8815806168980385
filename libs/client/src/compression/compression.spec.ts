import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { CompressionType } from '../contract/index.js';
import { BodyCodecs, compressedFlags } from './body-codecs.js';
import { inflatedSizeOfLz4 } from './lz4-frame.js';
import { createZstdCodec } from './zstd-codec.js';
import { headOfZstd } from './zstd-frame.js';

const mebibyte = 1024 * 1024;
const types: readonly CompressionType[] = ['ZLIB', 'LZ4', 'ZSTD'];

const loaded = async (): Promise<BodyCodecs> => {
  const codecs = new BodyCodecs();
  for (const type of types) await codecs.load(type);
  return codecs;
};

const packed = async (type: CompressionType, body: Buffer): Promise<Buffer> =>
  (await loaded()).get(type).compress(body, 5);

describe.each(types)('%s', (type) => {
  it('gives back what it packed, small and large', async () => {
    const codecs = await loaded();
    for (const size of [1, 100, 5_000, 70_000, 5 * mebibyte]) {
      const body = Buffer.alloc(size, 'some text, over and over; ');
      const bytes = await packed(type, body);
      expect(codecs.inflate(bytes, compressedFlags[type], 6 * mebibyte).equals(body)).toBe(true);
    }
  });

  it('inflates up to the limit and no further', async () => {
    const codecs = await loaded();
    const bomb = await packed(type, Buffer.alloc(64 * mebibyte));
    expect(bomb.length).toBeLessThan(mebibyte);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => codecs.inflate(bomb, compressedFlags[type], mebibyte)).toThrow(
      expect.objectContaining({
        code: 'PROTOCOL_VIOLATION',
        message: `decompressed size over limit ${mebibyte} (maxDecompressedSize)`,
      }),
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * mebibyte);
    const exact = await packed(type, Buffer.alloc(1000));
    expect(codecs.inflate(exact, compressedFlags[type], 1000)).toHaveLength(1000);
    expect(() => codecs.inflate(exact, compressedFlags[type], 999)).toThrow(/over limit 999/);
  });

  it('says so of bytes that are something else, or damaged', async () => {
    const codecs = await loaded();
    const good = await packed(type, Buffer.from('body '.repeat(50)));
    const spoilt = [Buffer.alloc(0), Buffer.from('body'), good.subarray(0, good.length - 6), good.subarray(1)];
    for (const bytes of spoilt) {
      expect(() => codecs.inflate(bytes, compressedFlags[type], mebibyte)).toThrow(
        expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
      );
    }
  });

  it('survives any bytes', async () => {
    const codecs = await loaded();
    const good = await packed(type, Buffer.from('body '.repeat(50)));
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.uint8Array({ maxLength: 20 }), (at, noise) => {
        const bytes = Buffer.concat([good.subarray(0, at), noise, good.subarray(at + noise.length)]);
        try {
          expect(codecs.inflate(bytes, compressedFlags[type], 4096).length).toBeLessThanOrEqual(4096);
        } catch (error) {
          expect(error).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
        }
      }),
    );
  });
});

describe('inflatedSizeOfLz4', () => {
  it('counts what the library inflates to', async () => {
    const codecs = await loaded();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'bc', 'abcabcabc', '\0\0'), { maxLength: 400 }), async (parts) => {
        const body = Buffer.from(parts.join(''));
        const frame = await codecs.get('LZ4').compress(body, 0);
        expect(inflatedSizeOfLz4(frame, mebibyte)).toBe(body.length);
      }),
    );
  });

  it('is not taken in by lengths that would add up to anything', () => {
    // One block of 255s: each adds 255 bytes of match.
    const block = Buffer.concat([Buffer.from([0x1f, 0x61, 0, 0]), Buffer.alloc(10_000, 255), Buffer.from([0])]);
    const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73, 0, 0, 0, 0]);
    head.writeUInt32LE(block.length, 7);
    expect(inflatedSizeOfLz4(Buffer.concat([head, block, Buffer.alloc(4)]), 4 * mebibyte)).toBeGreaterThan(2_500_000);
  });
});

describe('BodyCodecs', () => {
  it('loads what messages need, once, and nothing for those that need nothing', async () => {
    const codecs = new BodyCodecs();
    const plain = [{ sysFlag: 0 }, { sysFlag: 1 }, { sysFlag: 0x301 }, { sysFlag: 0x100 }];
    expect(codecs.loadFor(plain)).toBeUndefined();
    expect(() => codecs.inflate(Buffer.alloc(0), 0x101, 1)).toThrow(/LZ4 is not loaded/);
    await codecs.loadFor([...plain, { sysFlag: 0x101 }, { sysFlag: 0x201 }]);
    expect(codecs.loadFor([{ sysFlag: 0x101 }, { sysFlag: 0x201 }])).toBeUndefined();
    expect(codecs.get('LZ4')).toBe(codecs.get('LZ4'));
    expect(codecs.inflate(deflateSync(Buffer.from('x')), 1, 10).toString()).toBe('x');
  });
});

describe('a library that is not installed', () => {
  it('is named when a body needs it, and looked for once', async () => {
    let looked = 0;
    const codecs = new BodyCodecs(() => {
      looked++;
      return Promise.reject(Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }));
    });
    await codecs.loadFor([{ sysFlag: 0x101 }]);
    expect(codecs.loadFor([{ sysFlag: 0x101 }])).toBeUndefined();
    expect(() => codecs.inflate(Buffer.alloc(0), 0x101, 1)).toThrow(
      'a body packed with LZ4 needs a library that could not be loaded (ERR_MODULE_NOT_FOUND): install the package lz4-napi',
    );
    expect(looked).toBe(1);
  });
});

describe('zstd', () => {
  it("is Node's own where Node has one", async () => {
    const calls: unknown[] = [];
    const codec = createZstdCodec({
      constants: { ZSTD_c_compressionLevel: 100 },
      zstdCompressSync: (body: Buffer, options: unknown) => (calls.push(options), body),
      zstdCompress: (body: Buffer, _options: unknown, done: (error: null, bytes: Buffer) => void) => done(null, body),
      zstdDecompressSync: (bytes: Buffer, options: unknown) => (calls.push(options), bytes),
    });
    await codec.compress(Buffer.from('x'), 7);
    await codec.compress(Buffer.alloc(100_000), 7);
    codec.inflate(Buffer.from('x'), 9);
    expect(calls).toEqual([{ params: { 100: 7 } }, { maxOutputLength: 9 }]);
  });

  it.each([
    ['28b52ffd2005', { window: 5, size: 5 }],
    ['28b52ffd600500', { window: 261, size: 261 }],
    ['28b52ffda001000000', { window: 1, size: 1 }],
    ['28b52ffde00000000001000000', { window: 2 ** 32, size: 2 ** 32 }],
    ['28b52ffd0058', { window: 2 ** 21, size: undefined }],
    ['28b52ffd805a00000001', { window: 2 ** 21 * 1.25, size: 2 ** 24 }],
  ])('reads what a frame says of itself: %s', (frame, head) => {
    expect(headOfZstd(Buffer.from(frame, 'hex'))).toEqual(head);
  });

  it('makes no room for a window of gigabytes', () => {
    const frame = Buffer.from('28b52ffd00af010000', 'hex');
    expect(headOfZstd(frame).window).toBeGreaterThan(2 ** 31);
    expect(() => createZstdCodec({}).inflate(frame, 1024)).toThrow(/a window of \d+ bytes/);
  });
});
