import { describe, expect, it } from '@jest/globals';
import { queueByHash } from './queue-choice.js';
import { selectQueueByHash, selectQueueByMachineRoom, selectQueueByRandom } from './queue-selectors.js';

const queue = (brokerName: string, queueId: number) => ({ topic: 'T', brokerName, queueId });
const queues = [queue('north@a', 0), queue('north@a', 1), queue('south@b', 0), queue('plain', 0), queue('north@c', 0)];
const message = { topic: 'T', body: 'x', keys: 'k7' };

describe('selectors', () => {
  it('by hash: one key for all, or one of each message', () => {
    expect(selectQueueByHash('k7')(queues, message)).toBe(queueByHash(queues, 'k7'));
    expect(selectQueueByHash(({ keys }) => String(keys))(queues, message)).toBe(queueByHash(queues, 'k7'));
  });

  it('by chance: each queue, first and last too', () => {
    expect(selectQueueByRandom(() => 0)(queues, message)).toBe(queues[0]);
    expect(selectQueueByRandom(() => 0.999)(queues, message)).toBe(queues[4]);
  });

  it('by machine room: in turn over the queues of the rooms', () => {
    const select = selectQueueByMachineRoom(['north', 'west']);
    const chosen = Array.from({ length: 6 }, () => select(queues, message));
    expect(new Set(chosen)).toEqual(new Set([queues[0], queues[1], queues[4]]));
    expect(chosen.slice(3)).toEqual(chosen.slice(0, 3));
  });

  it('by machine room: says so when there is no broker in them', () => {
    expect(() => selectQueueByMachineRoom(['plain'])(queues, message)).toThrow(
      expect.objectContaining({
        code: 'BROKER_UNAVAILABLE',
        message: 'no broker named room@name is in plain; the topic is on north@a, south@b, plain, north@c',
      }),
    );
  });
});
