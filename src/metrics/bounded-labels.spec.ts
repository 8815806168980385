import { describe, expect, it } from '@jest/globals';
import { BoundedLabels } from './bounded-labels.js';

describe('label values', () => {
  it('are told apart up to the limit, and cut', () => {
    const labels = new BoundedLabels(2, 5);
    expect(['a', 'b', 'c', 'a', 'b', 'd'].map((value) => labels.of(value))).toEqual([
      'a',
      'b',
      'other',
      'a',
      'b',
      'other',
    ]);
    const cut = new BoundedLabels(1, 5);
    expect([cut.of('order 1'), cut.of('order 2')]).toEqual(['order', 'order']);
  });
});
