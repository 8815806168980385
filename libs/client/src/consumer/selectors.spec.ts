import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkClientConfig, PullSysFlag, ResponseCode, type RequestBody } from '../../../protocol/src/index.js';
import { fail, hold, type Exchange } from '../../../remoting/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';
import { FakeBroker, FakeCluster } from '../../../testkit/src/fake-cluster.js';
import { createClient } from '../client.js';
import type { RocketMQClient, SubscribeExpression } from '../contract/index.js';

const sql = { type: 'SQL92', expression: 'n > 1' } as const;

describe('consumers with a selector', () => {
  let cluster: FakeCluster;
  let client: RocketMQClient;
  beforeEach(async () => {
    cluster = new FakeCluster(['broker-a', 'broker-b']);
    cluster.topics.set('T', 1);
    await cluster.start();
    client = createClient({ nameServer: cluster.nameServer, clientIP: '127.0.0.1' });
  });
  afterEach(async () => {
    await client.close();
    await cluster.close();
  });

  const push = async (wanted: SubscribeExpression) => {
    const consumer = client.createPushConsumer({ consumerGroup: 'g', handler: () => undefined });
    consumer.subscribe('T', wanted);
    await consumer.start();
    return consumer;
  };
  const pullOf = (broker: FakeBroker) => broker.pulls.find(({ topic }) => topic === 'T');

  it('ask every broker whether the expression is one, and tell it with heartbeats and pulls', async () => {
    const asked: RequestBody<typeof checkClientConfig>[] = [];
    for (const broker of cluster.brokers) {
      broker.intercept('CHECK_CLIENT_CONFIG', (exchange) => {
        asked.push((exchange as Exchange<typeof checkClientConfig>).body());
        return undefined;
      });
    }
    await push(sql);
    const subscription = { subString: 'n > 1', expressionType: 'SQL92', classFilterMode: false };
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject({ group: 'g', subscriptionData: subscription });
    const { consumerDataSet } = cluster.broker.heartbeats[0] ?? { consumerDataSet: [] };
    const told = consumerDataSet[0]?.subscriptionDataSet.find(({ topic }) => topic === 'T');
    expect(told).toMatchObject(subscription);
    await eventually(() => pullOf(cluster.broker) !== undefined);
    expect(pullOf(cluster.broker)).toMatchObject({ expressionType: 'SQL92', subVersion: told?.subVersion });
    expect((pullOf(cluster.broker)?.sysFlag ?? 0) & PullSysFlag.SUBSCRIPTION).toBe(0);
  });

  it.each([
    [
      ResponseCode.SYSTEM_ERROR,
      'not by SQL92',
      { code: 'UNSUPPORTED', message: /enablePropertyFilter=true.*not by SQL92/ },
    ],
    [ResponseCode.REQUEST_CODE_NOT_SUPPORTED, 'what?', { code: 'UNSUPPORTED', message: /enablePropertyFilter=true/ }],
    [ResponseCode.SUBSCRIPTION_PARSE_FAILED, 'column 5', { code: 'ARGUMENT_INVALID', message: /refused: column 5/ }],
  ])('do not start when a broker says %d', async (code, remark, { message, ...rest }) => {
    cluster.brokers[1]?.intercept('CHECK_CLIENT_CONFIG', () => fail(code, remark));
    const problem = await push(sql).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    expect(problem).toMatchObject(rest);
    expect(problem?.message).toMatch(message);
    expect(cluster.broker.heartbeats).toEqual([]);
    const lite = client.createLitePullConsumer({ consumerGroup: 'h' });
    lite.subscribe('T', sql);
    await expect(lite.start()).rejects.toMatchObject(rest);
  });

  it('pull with the expression in the request', async () => {
    const pull = client.createPullConsumer({ consumerGroup: 'p' });
    await pull.start();
    const [queue] = await pull.fetchSubscribeMessageQueues('T');
    if (queue === undefined) throw new Error('no queue');
    await pull.pull(queue, 0, { expression: sql });
    const own = { subscription: 'n > 1', expressionType: 'SQL92', subVersion: 0 };
    const first = cluster.brokers.find(({ name }) => name === queue.brokerName) as FakeBroker;
    expect(pullOf(first)).toMatchObject({ ...own, sysFlag: PullSysFlag.SUBSCRIPTION });
    first.pulls.length = 0;
    const lite = client.createLitePullConsumer({ consumerGroup: 'l' });
    lite.setSubExpressionForAssign('T', sql);
    lite.assign([queue]);
    await lite.start();
    await eventually(() => pullOf(first) !== undefined);
    expect(pullOf(first)).toMatchObject(own);
  });

  it('pull from whom the broker named when they subscribed to a filter by its name', async () => {
    const server = new FakeBroker('filters');
    await server.start();
    const [first, second] = cluster.brokers as [FakeBroker, FakeBroker];
    cluster.filterServers.set(first.address, [server.address]);
    const pulled: number[] = [];
    server.intercept('PULL_MESSAGE', (exchange) => {
      pulled.push((exchange as Exchange<never> as { header: { sysFlag: number } }).header.sysFlag);
      return hold;
    });
    await push({ filterClass: 'com.shop.Large' });
    await eventually(() => pulled.length > 0);
    expect((pulled[0] ?? 0) & PullSysFlag.CLASS_FILTER).toBe(PullSysFlag.CLASS_FILTER);
    expect([pullOf(first), pullOf(second)]).toEqual([undefined, undefined]);
    await client.close();
    await server.close();
  });
});
