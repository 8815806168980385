import { describe, expect, it } from '@jest/globals';
import { array, assert, boolean, integer, property, uint8Array } from 'fast-check';
import { FrameReader } from './frame-reader.js';

function framed(payload: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length);
  return Buffer.concat([length, payload]);
}

function readAll(reader: FrameReader): Buffer[] {
  const frames: Buffer[] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame);
  return frames;
}

describe('frame reader', () => {
  it('finds the same frames however the stream is cut', () => {
    const payload = uint8Array({ minLength: 4, maxLength: 3000 }).map((bytes) => Buffer.from(bytes));
    const cuts = array(integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 40 });
    assert(
      property(array(payload, { maxLength: 6 }), cuts, boolean(), boolean(), (payloads, sizes, lazily, isLent) => {
        const stream = Buffer.concat(payloads.map(framed));
        const reader = new FrameReader(isLent);
        const frames: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const end = Math.min(stream.length, at + (sizes[i % sizes.length] as number));
          const chunk = Buffer.from(stream.subarray(at, end));
          reader.push(chunk);
          // Chunks may also come while nobody reads.
          if (!lazily) frames.push(...readAll(reader).map((frame) => Buffer.from(frame)));
          reader.keepRest();
          if (isLent) chunk.fill(0xff);
          at = end;
        }
        frames.push(...readAll(reader));
        expect(frames.map((frame) => frame.toString('hex'))).toEqual(payloads.map((bytes) => bytes.toString('hex')));
      }),
    );
  });

  it('hands out frames within one chunk as views, without a copy', () => {
    const chunk = Buffer.concat([framed(Buffer.from('first')), framed(Buffer.from('second'))]);
    const reader = new FrameReader();
    reader.push(chunk);
    const frames = readAll(reader);
    expect(frames.map(String)).toEqual(['first', 'second']);
    expect(frames.every((frame) => frame.buffer === chunk.buffer)).toBe(true);
  });

  it('keeps frames whole when later ones come, also gathered ones', () => {
    const reader = new FrameReader();
    const stream = Buffer.concat([framed(Buffer.alloc(100, 'a')), framed(Buffer.alloc(100, 'b'))]);
    reader.push(stream.subarray(0, 50));
    expect(reader.next()).toBeUndefined();
    reader.push(stream.subarray(50, 150));
    const first = reader.next();
    expect(reader.next()).toBeUndefined();
    reader.push(stream.subarray(150));
    const second = reader.next();
    expect([String(first), String(second)]).toEqual(['a'.repeat(100), 'b'.repeat(100)]);
  });

  it('holds memory for what has come, not for what was announced', () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 1000 }, () => {
      const reader = new FrameReader();
      reader.push(Buffer.from('00fffffc00000010', 'hex'));
      expect(reader.next()).toBeUndefined();
      return reader;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(readers.length * 4096);
  });

  it.each([
    ['ffffffff', 'frame length 4294967295 exceeds 16777216'],
    ['00fffffd', 'frame length 16777213 exceeds 16777216'],
    ['00000003', 'bad header'],
    ['00000000', 'bad header'],
  ])('refuses %s as soon as the length is there', (hex, message) => {
    const whole = new FrameReader();
    whole.push(Buffer.from(hex, 'hex'));
    expect(() => whole.next()).toThrow(message);
    const cut = new FrameReader();
    for (const byte of Buffer.from(hex, 'hex').subarray(0, 3)) {
      cut.push(Buffer.from([byte]));
      expect(cut.next()).toBeUndefined();
    }
    cut.push(Buffer.from(hex, 'hex').subarray(3));
    expect(() => cut.next()).toThrow(message);
  });
});
