import { describe, expect, it } from '@jest/globals';
import { configDefaults } from '../../common/src/index.js';
import { storeConfigTable } from './config.js';
import { DelayLevels } from './delay-levels.js';

describe('delay levels', () => {
  it('are read as Java reads them', () => {
    const levels = new DelayLevels('1s 5m 2h 3d 0s ');
    expect(levels.highest).toBe(5);
    expect([1, 2, 3, 4, 5].map((level) => levels.delayOf(level))).toEqual([1000, 300_000, 7_200_000, 259_200_000, 0]);
  });

  it('are 18 unless configured', () => {
    const levels = new DelayLevels(configDefaults(storeConfigTable).messageDelayLevel);
    expect([levels.highest, levels.delayOf(3), levels.delayOf(18)]).toEqual([18, 10_000, 7_200_000]);
  });

  it('beyond the highest are the highest; unknown ones last a second, as in Java', () => {
    const levels = new DelayLevels('10s 20s');
    expect([1, 2, 3, 99].map((level) => levels.atMostHighest(level))).toEqual([1, 2, 2, 2]);
    expect(levels.delayOf(3)).toBe(1000);
  });

  it.each(['', ' 1s', '1s  5s', '1', 's', '1w', '-1s', '1.5s', `${'9'.repeat(20)}d`])('are refused as %j', (text) => {
    expect(() => new DelayLevels(text)).toThrow(/^messageDelayLevel: ".*" is no delay/);
  });
});
