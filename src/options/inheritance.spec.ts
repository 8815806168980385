import { describe, expect, it } from '@jest/globals';
import { inherit } from './inheritance.js';

describe('options', () => {
  it('are those of the nearest layer that says something, false and 0 included', () => {
    const { values, from } = inherit([
      { from: 'decorator', options: { concurrency: 1, enabled: false, batch: undefined } },
      { from: 'nobody', options: undefined },
      { from: 'group', options: { concurrency: 2, enabled: true, batch: 3, maxReconsumeTimes: 0 } },
      { from: 'module', options: { maxReconsumeTimes: 5, pullBatchSize: 9 } },
    ]);
    expect(values).toEqual({ concurrency: 1, enabled: false, batch: 3, maxReconsumeTimes: 0, pullBatchSize: 9 });
    expect(Object.fromEntries(from)).toEqual({
      concurrency: 'decorator',
      enabled: 'decorator',
      batch: 'group',
      maxReconsumeTimes: 'group',
      pullBatchSize: 'module',
    });
  });
});
