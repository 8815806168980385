import { describe, expect, it } from '@jest/globals';
import { SlotSchedule, type ScheduledUnit } from './slot-schedule.js';

const start = 1_700_000_000_000;

function unit(physicalOffset: number, delay: number): ScheduledUnit {
  return { physicalOffset, deliverTime: start + delay, writeTime: start - 60_000, size: 100, isRoll: false };
}

function takeAll(schedule: SlotSchedule, now = Infinity): number[] {
  const offsets: number[] = [];
  for (let next = schedule.take(now); next !== undefined; next = schedule.take(now)) offsets.push(next.physicalOffset);
  return offsets;
}

describe('the schedule of a slot', () => {
  it('gives by instants, and in the order of sending within one', () => {
    const schedule = new SlotSchedule(start, 1000, 0);
    // Loaded from the last one back, while others come.
    schedule.unshift(unit(300, 700));
    schedule.push(unit(400, 2));
    schedule.unshift(unit(200, 2));
    schedule.unshift(unit(100, 700));
    schedule.push(unit(500, 700));
    expect(schedule.count).toBe(5);
    expect(takeAll(schedule)).toEqual([200, 400, 100, 300, 500]);
    expect([schedule.count, schedule.nextInstant]).toEqual([0, undefined]);
  });

  it('gives nothing before its instant', () => {
    const schedule = new SlotSchedule(start, 1000, 0);
    schedule.push(unit(100, 500));
    expect(schedule.nextInstant).toBe(start + 500);
    expect(schedule.take(start + 499)).toBeUndefined();
    expect(schedule.take(start + 500)).toEqual(unit(100, 500));
  });

  it('takes one that is due before those it gave already, and one back that could not be delivered', () => {
    const schedule = new SlotSchedule(start, 1000, 0);
    schedule.push(unit(100, 500));
    schedule.push(unit(200, 500));
    const first = schedule.take(start + 500);
    schedule.push(unit(300, 10));
    schedule.giveBack(first as ScheduledUnit);
    expect(takeAll(schedule)).toEqual([300, 100, 200]);
  });

  it('holds instants outside of the slot to its ends', () => {
    const schedule = new SlotSchedule(start, 1000, 0);
    schedule.push(unit(100, 5000));
    schedule.push(unit(200, -5));
    expect(schedule.take(start)?.physicalOffset).toBe(200);
    expect(schedule.nextInstant).toBe(start + 1000);
  });

  it('gives a message once that stands in the log twice', () => {
    const schedule = new SlotSchedule(start, 1000, 0);
    for (const offset of [400, 300, 200, 400, 300, 100]) schedule.unshift(unit(offset, 1));
    schedule.push(unit(500, 1));
    schedule.push(unit(200, 1));
    expect(takeAll(schedule)).toEqual([100, 200, 300, 400, 500]);
  });

  it('holds as many as there are', () => {
    const schedule = new SlotSchedule(start, 1000, 0);
    for (let i = 5000; i > 0; i--) schedule.unshift(unit(i * 100, i % 7));
    const offsets = takeAll(schedule);
    expect(offsets).toHaveLength(5000);
    expect(offsets.slice(0, 3)).toEqual([700, 1400, 2100]);
  });
});
