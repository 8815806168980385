import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../../common/src/index.js';
import { createManualClock } from '../../../testkit/src/manual-clock.js';
import type { ProducerConfig } from '../contract/index.js';
import type { KnownTopic } from '../route/index.js';
import { BrokerFaults } from './broker-faults.js';
import { readProducerConfig } from './producer-settings.js';
import { QueueRotation } from './queue-choice.js';

const publishQueues = ['a', 'b', 'c'].flatMap((brokerName) =>
  [0, 1].map((queueId) => ({ topic: 'T', brokerName, queueId })),
);

function create(config: ProducerConfig = {}, answers: (name: string) => boolean | undefined = () => true) {
  const clock = createManualClock();
  const probed: string[] = [];
  const faults = new BrokerFaults({
    clock,
    log: silentLogger,
    settings: readProducerConfig(config),
    probe: (name) => (probed.push(name), Promise.resolve(answers(name))),
  });
  const known = { publishQueues, rotation: new QueueRotation(0) } as unknown as KnownTopic;
  const picked = (avoid?: string): string =>
    [...new Set(Array.from({ length: 12 }, () => faults.pick(known, avoid).brokerName))].toSorted().join('');
  return { clock, faults, picked, probed };
}

describe('BrokerFaults', () => {
  it.each([
    // Java 5.3.3's table.
    [549, 0],
    [550, 2_000],
    [1_799, 2_000],
    [1_800, 5_000],
    [3_000, 6_000],
    [5_000, 10_000],
    [15_000, 30_000],
  ])('after a send of %i ms the broker is left alone for %i ms', (latency, duration) => {
    const { clock, faults, picked } = create();
    faults.record('a', latency, 'answered');
    if (duration > 0) {
      clock.advance(duration - 1);
      expect(picked()).toBe('bc');
      clock.advance(1);
    }
    expect(picked()).toBe('abc');
  });

  it('leaves a broker that failed alone for ten seconds, and a quick answer does not shorten that', () => {
    const { clock, faults, picked } = create();
    faults.record('a', 1, 'failed');
    faults.record('a', 1, 'answered');
    clock.advance(9_999);
    expect(picked()).toBe('bc');
    clock.advance(1);
    expect(picked()).toBe('abc');
  });

  it('takes what can be reached when no broker is good, and any when none can be reached', () => {
    const { faults, picked } = create();
    faults.record('a', 600, 'answered');
    faults.record('b', 600, 'answered');
    faults.record('c', 1, 'refused');
    expect(picked()).toBe('ab');
    expect(picked('a')).toBe('b');
    faults.record('a', 1, 'refused');
    faults.record('b', 1, 'refused');
    expect(picked()).toBe('abc');
  });

  it('goes elsewhere after a failed attempt', () => {
    expect(create().picked('b')).toBe('ac');
  });

  it('with the detector, uses a broker that failed only after it answered a probe', async () => {
    let alive = false;
    const { clock, faults, picked, probed } = create({ startDetectorEnable: true }, () => alive);
    faults.start();
    faults.record('a', 1, 'failed');
    clock.advance(60_000);
    await Promise.resolve();
    expect(probed.length).toBeGreaterThan(1);
    expect(picked()).toBe('bc');
    alive = true;
    clock.advance(3_000);
    await Promise.resolve();
    expect(picked()).toBe('abc');
    faults.close();
    expect(clock.timers).toBe(0);
  });

  it('forgets a broker that no route names', async () => {
    const { clock, faults, picked, probed } = create({ startDetectorEnable: true }, () => undefined);
    faults.start();
    faults.record('a', 1, 'failed');
    clock.advance(3_000);
    await Promise.resolve();
    expect(picked()).toBe('abc');
    clock.advance(3_000);
    expect(probed).toEqual(['a']);
    faults.close();
  });

  it('takes a table of your own', () => {
    const { faults, picked } = create({ latencyMax: [10], notAvailableDuration: [1_000] });
    faults.record('a', 10, 'answered');
    expect(picked()).toBe('bc');
    expect(() => readProducerConfig({ latencyMax: [1, 2] })).toThrow(/as many steps as latencyMax, 2/);
  });
});
