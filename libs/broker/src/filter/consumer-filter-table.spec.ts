import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { silentLogger } from '../../../common/src/index.js';
import type { SubscriptionData } from '../../../protocol/src/index.js';
import { createManualClock } from '../../../testkit/src/index.js';
import { resolveBrokerConfig } from '../broker-config.js';
import { ConsumerFilterTable, maxFilterTexts } from './consumer-filter-table.js';

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'filter-table-'))));
afterEach(() => rm(directory, { recursive: true }));

function setUp(limit?: number) {
  const clock = createManualClock();
  const warn = jest.fn();
  const config = resolveBrokerConfig({ storePathRootDir: directory });
  const table = new ConsumerFilterTable({ config, clock, log: { ...silentLogger, warn }, limit });
  return { clock, table, warn };
}

function subscription(topic: string, subString: string, subVersion = 1, expressionType = 'SQL92'): SubscriptionData {
  return { topic, subString, subVersion, expressionType, tagsSet: [], codeSet: [], classFilterMode: false };
}

describe('filters of groups', () => {
  it('end in topics that a heartbeat names no more, and live again with the same version', () => {
    const { table, clock } = setUp();
    table.register('g', [subscription('a', 'x = 1'), subscription('b', 'x = 2'), subscription('c', '*', 1, 'TAG')]);
    clock.advance(10);
    table.register('g', [subscription('a', 'x = 1')]);
    expect([table.find('a', 'g')?.deadTime, table.find('c', 'g')]).toEqual([0, undefined]);
    expect(table.find('b', 'g')?.deadTime).toBe(clock.now());
    table.register('g', [subscription('a', 'x = 1'), subscription('b', 'x = 2')]);
    expect(table.find('b', 'g')?.deadTime).toBe(0);
  });

  it('keep their birth as long as the expression stays, so that bit maps stay right', () => {
    const { table, clock } = setUp();
    table.register('g', [subscription('a', 'x = 1')]);
    const born = clock.now();
    clock.advance(10);
    table.register('g', [subscription('a', 'x = 1', 2)]);
    expect(table.find('a', 'g')).toMatchObject({ bornTime: born, clientVersion: 2 });
    table.register('g', [subscription('a', 'x = 2', 3)]);
    expect(table.find('a', 'g')).toMatchObject({ bornTime: born + 10, expression: 'x = 2' });
    table.register('g', [subscription('a', 'x =', 4)]);
    expect(table.find('a', 'g')).toBeUndefined();
  });

  it('are not without end', () => {
    const { table, warn } = setUp(3);
    for (let i = 0; i < 5; i++) table.register(`g${i}`, [subscription('a', 'x = 1')]);
    expect([...(table.inTopic('a') ?? [])].map(({ consumerGroup }) => consumerGroup)).toEqual(['g0', 'g1', 'g2']);
    expect(warn).toHaveBeenCalledTimes(2);
    table.register('g0', [subscription('a', 'x = 3', 2)]);
    expect(table.find('a', 'g0')?.expression).toBe('x = 3');
    const { table: other } = setUp();
    const long = `x = '${'y'.repeat(60_000)}'`;
    for (let i = 0; i < 80; i++) other.register(`g${i}`, [subscription('a', long)]);
    expect([...(other.inTopic('a') ?? [])].length).toBe(Math.floor(maxFilterTexts / long.length));
  });
});
