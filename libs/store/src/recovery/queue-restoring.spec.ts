import { describe, expect, it } from '@jest/globals';
import type { Logger } from '../../../common/src/index.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import { QueueRestoring } from './queue-restoring.js';

/** A queue that remembers which record is where, and what was said of the others. */
function stage() {
  const units = new Map<number, number>();
  const errors: unknown[] = [];
  const queue = {
    topic: 'T',
    queueId: 0,
    minOffset: 0,
    maxOffset: 0,
    restore(queueOffset: number, physicalOffset: number) {
      for (const offset of [...units.keys()]) if (offset >= queueOffset) units.delete(offset);
      units.set(queueOffset, physicalOffset);
      queue.maxOffset = queueOffset + 1;
    },
  };
  const log = { error: (_: string, context: unknown) => errors.push(context) } as unknown as Logger;
  const restoring = new QueueRestoring(log, () => 'file');
  /** Queue offsets as the records carry them; a record's physical offset is its place in the list. */
  const found = (...offsets: number[]): [number, number][] => {
    offsets.forEach((queueOffset, physicalOffset) => {
      const unit = { queueOffset, physicalOffset, size: 1, tagsCode: 0, storeTimestamp: 0 };
      restoring.take(queue as unknown as ConsumeQueue, unit);
    });
    restoring.end();
    return [...units].toSorted(([a], [b]) => a - b);
  };
  return { found, errors };
}

describe('QueueRestoring', () => {
  it('follows a queue that goes on, and one that begins anew', () => {
    expect(stage().found(0, 1, 2)).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    const { found, errors } = stage();
    expect(found(0, 1, 2, 0, 1)).toEqual([
      [0, 3],
      [1, 4],
    ]);
    expect(errors).toEqual([]);
  });

  it('follows one that began anew before the records that are left', () => {
    const { found, errors } = stage();
    expect(found(0, 1, 2, 3, 1, 2)).toEqual([
      [0, 0],
      [1, 4],
      [2, 5],
    ]);
    expect(errors).toEqual([]);
  });

  it.each([
    [
      'in the middle',
      [0, 1, 2, 1, 4],
      [
        [0, 0],
        [1, 1],
        [2, 2],
        [4, 4],
      ],
      3,
    ],
    [
      'at the end',
      [0, 1, 2, 1],
      [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
      3,
    ],
  ])('gives no place to a record that carries the offset of another one, %s', (_, offsets, expected, damaged) => {
    const { found, errors } = stage();
    expect(found(...offsets)).toEqual(expected);
    expect(errors).toEqual([
      expect.objectContaining({ file: 'file', physicalOffset: damaged, topic: 'T', queueId: 0 }),
    ]);
  });

  it.each([
    [
      'with more behind',
      [0, 1, 9, 3, 4],
      [
        [0, 0],
        [1, 1],
        [3, 3],
        [4, 4],
      ],
    ],
    [
      'with one behind',
      [0, 1, 9, 3],
      [
        [0, 0],
        [1, 1],
        [3, 3],
      ],
    ],
  ])('takes a record back that went too far ahead, %s', (_, offsets, expected) => {
    expect(stage().found(...offsets)).toEqual(expected);
  });
});
