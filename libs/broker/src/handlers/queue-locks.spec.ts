import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockBatchMq, unlockBatchMq } from '../../../protocol/src/index.js';
import type { RemotingClient } from '../../../remoting/src/index.js';
import { BrokerFixture, pull, send } from '../../../testkit/src/broker-fixture.js';
import { createManualClock, type ManualClock } from '../../../testkit/src/index.js';

let clock: ManualClock;
let fixture: BrokerFixture;
let client: RemotingClient;
const open = async (config = {}): Promise<void> => {
  clock = createManualClock();
  fixture = await BrokerFixture.open({ clock, config });
  client = fixture.client();
  await send(client, fixture.address);
};
beforeEach(() => open());
afterEach(() => fixture.close());

const queue = (queueId: number, given = {}) => ({ topic: 'TopicTest', brokerName: 'broker-a', queueId, ...given });
const body = (clientId: string, mqSet: readonly ReturnType<typeof queue>[], consumerGroup = 'orderly') => ({
  clientId,
  consumerGroup,
  mqSet,
  onlyThisBroker: false,
});
const lock = async (...given: Parameters<typeof body>) =>
  (await client.call(fixture.address, lockBatchMq, {}, { body: body(...given) })).body.lockOKMQSet;

describe('a request for queues', () => {
  it('is answered with those that are the client’s now', async () => {
    expect(await lock('a', [queue(0), queue(1)])).toEqual([queue(0), queue(1)]);
    expect(await lock('b', [queue(1), queue(2)])).toEqual([queue(2)]);
    expect(await lock('b', [queue(1)], 'others')).toEqual([queue(1)]);
  });

  it('gets none that this broker does not have', async () => {
    const strange = [queue(4), queue(-1), queue(0, { topic: 'Unknown' }), queue(0, { brokerName: 'broker-b' })];
    expect(await lock('a', [...strange, queue(3)])).toEqual([queue(3)]);
  });

  it('gets none for a group that is not to be made', async () => {
    await fixture.close();
    await open({ autoCreateSubscriptionGroup: false });
    expect(await lock('a', [queue(0)])).toEqual([]);
  });

  it('finds free what was given back, or what its holder did not renew', async () => {
    await lock('a', [queue(0), queue(1)]);
    await client.call(fixture.address, unlockBatchMq, {}, { body: body('a', [queue(0)]) });
    expect(await lock('b', [queue(0), queue(1)])).toEqual([queue(0)]);
    clock.advance(60_001);
    expect(await lock('b', [queue(1)])).toEqual([queue(1)]);
  });
});

describe('a retry sent as an ordinary message', () => {
  const topic = '%RETRY%orderly';
  const countOf = async (name: string): Promise<number> =>
    (await pull(client, fixture.address, { topic: name })).header.maxOffset ?? 0;

  it('of a group that holds queues is a dead letter at once since 5.0', async () => {
    await fixture.close();
    await open({ brokerVersion: 'V5_3_3' });
    await lock('a', [queue(0)]);
    await send(client, fixture.address, { topic, reconsumeTimes: 1, maxReconsumeTimes: 9 });
    expect(await countOf('%DLQ%orderly')).toBe(1);
    clock.advance(60_001);
    await send(client, fixture.address, { topic, reconsumeTimes: 1, maxReconsumeTimes: 9 });
    expect(await countOf('%DLQ%orderly')).toBe(1);
    expect(await countOf(topic)).toBe(1);
  });

  it('is none in 4.9', async () => {
    await lock('a', [queue(0)]);
    await send(client, fixture.address, { topic, reconsumeTimes: 1, maxReconsumeTimes: 9 });
    expect(await countOf(topic)).toBe(1);
  });

  it.each([
    ['V4_9_7' as const, 2],
    ['V5_3_3' as const, 3],
  ])('is granted so often by %s that a maximum of 3 is reached with %i', async (brokerVersion, last) => {
    await fixture.close();
    await open({ brokerVersion });
    for (const reconsumeTimes of [0, 1, 2, 3, 4]) {
      await send(client, fixture.address, { topic, reconsumeTimes, maxReconsumeTimes: 3 });
    }
    expect(await countOf(topic)).toBe(last + 1);
    expect(await countOf('%DLQ%orderly')).toBe(4 - last);
  });
});
