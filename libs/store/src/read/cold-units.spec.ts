import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { nextTurn } from '../../../common/src/index.js';
import type { ConsumeQueue, UnitSpan } from '../consume-queue/consume-queue.js';
import { QueueBlock, unitPhysicalOffset, unitSize } from '../consume-queue/queue-block.js';
import { ColdUnits } from './cold-units.js';

/** Of so many units; each points to `queue` million and its own offset. */
class FakeQueue {
  isDeleted = false;
  readonly lent: (Buffer | undefined)[] = [];

  constructor(
    private readonly number: number,
    private readonly length = 10_000,
  ) {}

  async read(offset: number, count: number, memory?: Buffer): Promise<UnitSpan> {
    this.lent.push(memory);
    const block = new QueueBlock(offset, Math.max(0, Math.min(count, this.length - offset)));
    for (let i = 0; i < block.capacity; i++) block.push(this.number * 1e6 + offset + i, 100, 0);
    const bytes = memory && block.bytes.length <= memory.length ? memory : Buffer.alloc(block.bytes.length);
    block.bytes.copy(bytes);
    return { view: new DataView(bytes.buffer, bytes.byteOffset), at: 0, count: block.count };
  }
}

const fake = (number: number, length?: number): FakeQueue & ConsumeQueue =>
  new FakeQueue(number, length) as unknown as FakeQueue & ConsumeQueue;
const first = ({ view, at }: UnitSpan): number => unitPhysicalOffset(view, at);
const last = ({ view, at, count }: UnitSpan): number => unitPhysicalOffset(view, at + (count - 1) * unitSize);

let units: ColdUnits;
beforeEach(() => void (units = new ColdUnits(true)));
afterEach(() => nextTurn());

describe('units of old messages', () => {
  it('are read by the window, and found in it', async () => {
    const queue = fake(1);
    const loaded = await units.load(queue, 100, 32);
    expect([first(loaded), loaded.count, last(loaded)]).toEqual([1_000_100, 1024, 1_001_123]);
    const found = units.find(queue, 1100) as UnitSpan;
    expect([first(found), found.count, last(found)]).toEqual([1_001_100, 24, 1_001_123]);
    const outside = [units.find(queue, 99), units.find(queue, 1124), units.find(fake(2), 100)];
    expect(outside).toEqual([undefined, undefined, undefined]);
    units.forget(queue);
    expect(units.find(queue, 100)).toBeUndefined();
  });

  it('stay as they are until the end of the turn in which their window goes, and their memory is used again then', async () => {
    const queue = fake(1);
    const old = await units.load(queue, 0, 32);
    const next = await units.load(queue, 1024, 32);
    await units.load(fake(2), 0, 32);
    expect([first(old), last(old), first(next)]).toEqual([1_000_000, 1_001_023, 1_001_024]);
    await nextTurn();
    await units.load(queue, 2048, 32);
    expect(queue.lent[2]).toBe(queue.lent[0]);
    expect(queue.lent[1]).not.toBe(queue.lent[0]);
  });

  it('of more than a window are read for one look', async () => {
    const queue = fake(1);
    const loaded = await units.load(queue, 0, 2000);
    expect([loaded.count, last(loaded)]).toEqual([2000, 1_001_999]);
    expect([queue.lent, units.find(queue, 0)]).toEqual([[undefined], undefined]);
  });

  it('are not kept of a queue that went, nor when there are none, nor without memory for them', async () => {
    const [gone, short] = [fake(1), fake(2, 10)];
    gone.isDeleted = true;
    expect((await units.load(gone, 0, 32)).count).toBe(1024);
    expect((await units.load(short, 10, 32)).count).toBe(0);
    const none = new ColdUnits(false);
    expect((await none.load(short, 0, 32)).count).toBe(10);
    expect([units.find(gone, 0), units.find(short, 10), none.find(short, 0)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('are kept for so many queues, the one used longest ago goes first', async () => {
    const queues = Array.from({ length: 130 }, (_, i) => fake(i));
    for (const queue of queues) await units.load(queue, 0, 32);
    expect(queues.map((queue) => units.find(queue, 0) !== undefined).indexOf(true)).toBe(2);
  });
});
