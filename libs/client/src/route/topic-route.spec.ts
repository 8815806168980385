import { describe, expect, it } from '@jest/globals';
import type { TopicRoute } from '../../../protocol/src/index.js';
import { publishQueuesOf, routeFingerprint, routeOfNewTopic, subscribeQueuesOf } from './topic-route.js';

const data = (brokerName: string, nums: number, perm = 6) => ({
  brokerName,
  perm,
  readQueueNums: nums,
  writeQueueNums: nums,
  topicSysFlag: 0,
});
const broker = (brokerName: string, ...ids: number[]) => ({
  brokerName,
  cluster: 'c',
  brokerAddrs: new Map(ids.map((id) => [id, `10.0.0.${id}:10911`] as const)),
});
const route = (fields: Partial<TopicRoute>): TopicRoute => ({
  brokerDatas: [],
  queueDatas: [],
  filterServerTable: new Map(),
  ...fields,
});
const names = (queues: { brokerName: string; queueId: number }[]) => queues.map((q) => `${q.brokerName}${q.queueId}`);

describe('publishQueuesOf', () => {
  it('lists writable queues of brokers with a master, brokers in order', () => {
    const found = publishQueuesOf(
      'T',
      route({
        queueDatas: [data('c', 1, 4), data('b', 2), data('a', 1), data('d', 1), data('z', 1)],
        brokerDatas: [broker('a', 0, 1), broker('b', 0), broker('c', 0), broker('d', 1)],
      }),
    );
    expect(names(found)).toEqual(['a0', 'b0', 'b1']);
  });

  it('goes by the order configuration where there is one', () => {
    expect(names(publishQueuesOf('T', route({ orderTopicConf: 'b:2;a:1;bad;:3;c:x' })))).toEqual(['b0', 'b1', 'a0']);
  });

  it('does not believe in billions of queues', () => {
    const huge = route({
      queueDatas: [data('a', 2_000_000_000), data('b', -1)],
      brokerDatas: [broker('a', 0), broker('b', 0)],
    });
    expect(publishQueuesOf('T', huge)).toHaveLength(65_536);
  });
});

describe('subscribeQueuesOf', () => {
  it('lists readable queues, also those that only slaves serve', () => {
    const found = route({
      queueDatas: [data('a', 1, 2), data('b', 2, 4)],
      brokerDatas: [broker('a', 0), broker('b', 1)],
    });
    expect(names(subscribeQueuesOf('T', found))).toEqual(['b0', 'b1']);
  });
});

describe('routeOfNewTopic', () => {
  it('takes no more queues than the producer asks for, nor than the default topic can be read with', () => {
    const found = routeOfNewTopic(route({ queueDatas: [data('a', 8), data('b', 2)], orderTopicConf: 'a:1' }), 4);
    expect(found.queueDatas.map((q) => [q.readQueueNums, q.writeQueueNums])).toEqual([
      [4, 4],
      [2, 2],
    ]);
    expect(found.orderTopicConf).toBeUndefined();
  });
});

describe('routeFingerprint', () => {
  it('does not depend on order, and on everything else', () => {
    const one = route({ queueDatas: [data('a', 1), data('b', 1)], brokerDatas: [broker('a', 0, 1), broker('b', 0)] });
    const same = route({ queueDatas: [data('b', 1), data('a', 1)], brokerDatas: [broker('b', 0), broker('a', 1, 0)] });
    expect(routeFingerprint(same)).toBe(routeFingerprint(one));
    const others = [
      { ...one, queueDatas: [data('a', 2), data('b', 1)] },
      { ...one, queueDatas: [data('a', 1, 4), data('b', 1)] },
      { ...one, brokerDatas: [broker('a', 0), broker('b', 0)] },
      { ...one, orderTopicConf: 'a:1' },
    ];
    for (const other of others) expect(routeFingerprint(other)).not.toBe(routeFingerprint(one));
  });
});
