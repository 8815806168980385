import { describe, expect, it } from '@jest/globals';
import { createMemoryDisk } from '../../../testkit/src/index.js';
import { TimerWheel, wheelFileSize } from './timer-wheel.js';

const start = 1_700_000_000_000;
const fortnight = 14 * 24 * 3_600_000;

function wheel(disk = createMemoryDisk()): TimerWheel {
  return new TimerWheel(disk, '/timerwheel', 1000);
}

describe('the timer wheel', () => {
  it('is a file of the size and with the slots of 5.3.3', async () => {
    const disk = createMemoryDisk();
    const written = wheel(disk);
    written.put({ time: start, first: 52, last: 104, count: 2 });
    await written.write(written.takeChanges());
    const bytes = disk.files.get('/timerwheel')?.contents() ?? Buffer.alloc(0);
    expect(bytes.length).toBe(38_707_200);
    const at = ((start / 1000) % 1_209_600) * 32;
    expect(bytes.subarray(at, at + 32).toString('hex')).toBe(
      ['000000006553f100', '0000000000000034', '0000000000000068', '00000002', '00000000'].join(''),
    );
    expect(bytes.subarray(0, at).some((byte) => byte !== 0)).toBe(false);
  });

  it('finds slots by their instant, and not by one a fortnight away', () => {
    const slots = wheel();
    slots.put({ time: start, first: 0, last: 0, count: 1 });
    expect(slots.find(start + 999)).toEqual({ time: start, first: 0, last: 0, count: 1 });
    expect(slots.find(start + 1000)).toBeUndefined();
    expect(slots.find(start + fortnight)).toBeUndefined();
    expect(slots.occupant(start + fortnight)?.time).toBe(start);
  });

  it('finds the next one, across the end of the file', () => {
    const slots = wheel();
    const late = Math.floor(start / fortnight) * fortnight + fortnight - 2000;
    for (const time of [late + 5000, late + 600_000]) slots.put({ time, first: 0, last: 0, count: 1 });
    expect(slots.next(late, late + 5000)).toBeUndefined();
    expect(slots.next(late, late + 6000)?.time).toBe(late + 5000);
    expect(slots.next(late + 6000, Infinity)?.time).toBe(late + 600_000);
    expect(slots.next(late + 601_000, Infinity)).toBeUndefined();
  });

  it('is read again, with what was removed gone', async () => {
    const disk = createMemoryDisk();
    const first = wheel(disk);
    for (const time of [start, start + 1000, start + 3_600_000]) first.put({ time, first: 0, last: 52, count: 1 });
    await first.write(first.takeChanges());
    first.remove(start);
    first.remove(start + 3_600_000);
    await first.write(first.takeChanges());
    const second = wheel(disk);
    expect(await second.load()).toBe(true);
    expect([...second.all()].map(({ time }) => time)).toEqual([start + 1000]);
  });

  it('writes each page that changed once, as it was when it was taken', async () => {
    const disk = createMemoryDisk();
    const first = wheel(disk);
    first.put({ time: start, first: 0, last: 0, count: 1 });
    const pages = first.takeChanges();
    first.put({ time: start, first: 0, last: 520, count: 11 });
    expect(pages).toHaveLength(1);
    await first.write(pages);
    const second = wheel(disk);
    await second.load();
    expect(second.find(start)?.count).toBe(1);
    expect(first.takeChanges()).toHaveLength(1);
    expect(first.takeChanges()).toHaveLength(0);
  });

  it('of another size is refused', async () => {
    const disk = createMemoryDisk();
    disk.truncate(disk.open('/timerwheel', true), wheelFileSize - 32);
    expect(await wheel(disk).load()).toBe(false);
  });
});
