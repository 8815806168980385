import { describe, expect, it } from '@jest/globals';
import { decodeTimerUnit, encodeTimerBlank, encodeTimerUnit, timerUnitSize, type TimerUnit } from './timer-unit.js';

const unit: TimerUnit = {
  previous: 520,
  magic: 1,
  writeTime: 1_700_000_000_000,
  slotTime: 1_700_000_005_000,
  physicalOffset: 123_456_789_012,
  size: 300,
  topicHash: -5,
  deliverTime: 1_700_000_005_432,
};

function encoded(changes: Partial<TimerUnit> = {}): Buffer {
  const bytes = Buffer.alloc(timerUnitSize);
  encodeTimerUnit({ ...unit, ...changes }, bytes, 0);
  return bytes;
}

describe('a unit of the timer log', () => {
  it('has the bytes that 5.3.3 writes, but for the reserved word', () => {
    expect(encoded().subarray(0, 44).toString('hex')).toBe(
      // size, previous, magic, write time, delay, offset, size, hash
      [
        '00000034',
        '0000000000000208',
        '00000001',
        '0000018bcfe56800',
        '00001388',
        '0000001cbe991a14',
        '0000012c',
        'fffffffb',
      ].join(''),
    );
    expect(encoded({ deliverTime: undefined }).subarray(44)).toEqual(Buffer.alloc(8));
  });

  it('is read as it was written, one of Java without its instant', () => {
    expect(decodeTimerUnit(encoded(), 0)).toEqual(unit);
    expect(decodeTimerUnit(encoded({ deliverTime: undefined }), 0)).toEqual({ ...unit, deliverTime: undefined });
  });

  it.each(Array.from({ length: timerUnitSize }, (_, i) => i))('tells when only %d bytes of it are there', (length) => {
    const bytes = Buffer.alloc(timerUnitSize);
    encoded().copy(bytes, 0, 0, length);
    const found = decodeTimerUnit(bytes, 0);
    // With a reserved word of zeros it may be one of Java's, which has no check.
    if (length < 39 || length > 44) expect(found).toBe('damaged');
    else expect(found).toMatchObject({ deliverTime: undefined });
  });

  it.each(Array.from({ length: timerUnitSize }, (_, i) => i))('is damaged when byte %d is another', (at) => {
    const bytes = encoded();
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
    expect(decodeTimerUnit(bytes, 0)).toBe('damaged');
  });

  it('is told from the blank that ends a file', () => {
    const blank = encodeTimerBlank(100);
    // BLANK_MAGIC_CODE of Java's TimerLog.
    expect(blank.toString('hex')).toBe(['00000064', '0000000000000000', 'cbd43194'].join(''));
    expect(decodeTimerUnit(Buffer.concat([blank, Buffer.alloc(84)]), 0)).toBe('blank');
    expect(decodeTimerUnit(blank, 0)).toBe('blank');
  });
});
