import { describe, expect, it } from '@jest/globals';
import { KeyedStats } from './keyed-stats.js';
import { StatsCounter } from './stats-counter.js';

const [second, minute, hour] = [1000, 60_000, 3_600_000];

describe('a counter', () => {
  it('shows what was added within the last minute, per second and per call', () => {
    const counter = new StatsCounter();
    for (let step = 1; step <= 12; step++) {
      counter.add(20);
      counter.add(40);
      counter.sample('minute', step * 10 * second);
    }
    expect(counter.figures('minute')).toEqual({ sum: 360, tps: 6, avgpt: 30 });
    expect(counter.figures('hour')).toEqual({ sum: 0, tps: 0, avgpt: 0 });
  });

  it('takes its first sample to have begun one interval before', () => {
    const counter = new StatsCounter();
    counter.add(600);
    counter.sample('hour', 5 * minute);
    expect(counter.figures('hour')).toEqual({ sum: 600, tps: 1, avgpt: 600 });
  });

  it('is idle when nothing was added for a day', () => {
    const counter = new StatsCounter();
    counter.add(1);
    for (let step = 1; step <= 24; step++) counter.sample('day', step * hour);
    expect(counter.isIdle).toBe(false);
    counter.sample('day', 25 * hour);
    expect(counter.isIdle).toBe(true);
    counter.add(1);
    expect(counter.isIdle).toBe(false);
  });
});

describe('statistics by key', () => {
  it('stop counting new keys apart at the limit, and take them again when others are forgotten', () => {
    const stats = new KeyedStats(2);
    for (const name of ['a', 'b', 'c', 'd']) {
      stats.topic(name).putNums.add(1);
      stats.group('g', name).getNums.add(1);
    }
    const found = (): string[] => ['a', 'b', 'c'].filter((name) => stats.find('TOPIC_PUT_NUMS', name) !== undefined);
    expect(found()).toEqual(['a', 'b']);
    expect(stats.find('GROUP_GET_NUMS', 'c@g')).toBeUndefined();
    stats.forgetTopic('a');
    stats.topic('c').putNums.add(1);
    stats.group('g', 'c').getNums.add(5);
    expect(found()).toEqual(['b', 'c']);
    expect(stats.find('GROUP_GET_NUMS', 'c@g')?.sum).toBe(5);
  });

  it('of a deleted group are gone', () => {
    const stats = new KeyedStats();
    stats.group('g', 'a').sentBack.add(1);
    stats.group('g2', 'a').sentBack.add(1);
    stats.forgetGroup('g');
    expect(stats.find('SNDBCK_PUT_NUMS', 'a@g')).toBeUndefined();
    expect(stats.find('SNDBCK_PUT_NUMS', 'a@g2')?.sum).toBe(1);
  });

  it('forget what stood still for a day, and nothing else', () => {
    const stats = new KeyedStats();
    stats.topic('still').putNums.add(1);
    for (let step = 1; step <= 25; step++) {
      stats.topic('busy').putNums.add(1);
      stats.sample('day', step * hour);
    }
    expect(stats.find('TOPIC_PUT_NUMS', 'still')).toBeUndefined();
    expect(stats.find('TOPIC_PUT_NUMS', 'busy')?.figures('day').sum).toBe(24);
  });
});
