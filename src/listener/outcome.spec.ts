import { describe, expect, it } from '@jest/globals';
import { ack, delayLevelFor, MessageOutcome, outcomeOf, retryAfter, toDlq } from './outcome.js';

describe('outcomes', () => {
  it.each([
    [0, 1],
    [1000, 1],
    [1001, 2],
    [30_000, 4],
    [90_000, 6],
    [601_000, 15],
    [7_200_000, 18],
    [86_400_000, 18],
  ])('%d ms wait for level %d, which is never too early but beyond the longest', (milliseconds, level) => {
    expect(delayLevelFor(milliseconds)).toBe(level);
  });

  it.each([
    [1500, 1500],
    ['1500', undefined],
    ['500 ms', 500],
    ['30 s', 30_000],
    ['30s', 30_000],
    ['1.5 min', 90_000],
    ['2 h', 7_200_000],
    ['2 weeks', undefined],
    ['-1 s', undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    ['', undefined],
  ])('reads %j as a time', (given, milliseconds) => {
    if (milliseconds === undefined) expect(() => retryAfter(given)).toThrow(/is no time; give milliseconds or/);
    else expect(retryAfter(given)).toEqual(new MessageOutcome('retry', milliseconds));
  });

  it('are words or made values, and nothing else', () => {
    expect(['ack', 'retry', 'dlq'].map((word) => outcomeOf(word)?.kind)).toEqual(['ack', 'retry', 'dlq']);
    expect([toDlq('why'), ack()].map((made) => outcomeOf(made))).toEqual([toDlq('why'), ack()]);
    expect(['Ack', 'toString', '', 0, null, undefined, { kind: 'dlq' }, true].map((other) => outcomeOf(other))).toEqual(
      Array.from({ length: 8 }, () => undefined),
    );
  });
});
