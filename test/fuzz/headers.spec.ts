import { describe, expect, it } from '@jest/globals';
import { compareDecoders } from './decoder-agreement.js';

describe('the fast decoder of headers', () => {
  it('says what the plain one says, of 10,000 frames', () => {
    const { difference, taken, refused } = compareDecoders(1, 10_000);
    expect(difference).toBeUndefined();
    // Frames that nobody takes, or that all are right, would prove little.
    expect(taken).toBeGreaterThan(3000);
    expect(refused).toBeGreaterThan(1000);
  });
});
