import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ResponseCode } from '../../../protocol/src/index.js';
import { encodeProperties } from '../../../protocol/src/message/index.js';
import { fail } from '../../../remoting/src/index.js';
import { FakeCluster } from '../../../testkit/src/fake-cluster.js';
import { createClient } from '../client.js';
import type { RocketMQClient } from '../contract/index.js';

describe('messages looked up', () => {
  let cluster: FakeCluster;
  let client: RocketMQClient;

  beforeEach(async () => {
    cluster = new FakeCluster(['a', 'b']);
    cluster.topics.set('T', 1);
    await cluster.start();
    client = createClient({ nameServer: cluster.nameServer });
  });

  afterEach(async () => {
    await client.close();
    await cluster.close();
  });

  const store = (broker: number, body: string, keys: string, id = 'U'): void =>
    cluster.brokers[broker]?.store('T', 0, {
      body: Buffer.from(body),
      properties: encodeProperties([
        ['KEYS', keys],
        ['UNIQ_KEY', id],
      ]),
    });

  it('by key: of all brokers, and compared by name, not only by hash', async () => {
    store(0, 'one', 'order-1 x');
    store(0, 'two', 'order-12');
    store(1, 'three', 'order-1');
    const { messages, indexLastUpdateTimestamp } = await client.admin.queryMessage('T', 'order-1');
    expect(messages.map(({ body, brokerName }) => [body.toString(), brokerName])).toEqual([
      ['one', 'a'],
      ['three', 'b'],
    ]);
    expect(indexLastUpdateTimestamp).toBe(1);
    // Nobody pulled it.
    expect(messages[0]?.properties.has('MIN_OFFSET')).toBe(false);
    expect((await client.admin.queryMessage('T', 'nothing')).messages).toEqual([]);
  });

  it('by key: what other brokers have when one fails, and a failure when all do', async () => {
    store(1, 'three', 'k');
    cluster.broker.intercept('QUERY_MESSAGE', () => fail(ResponseCode.SYSTEM_ERROR, 'as the test says'));
    expect((await client.admin.queryMessage('T', 'k')).messages).toHaveLength(1);
    cluster.brokers[1]?.intercept('QUERY_MESSAGE', () => fail(ResponseCode.SYSTEM_ERROR, 'as the test says'));
    await expect(client.admin.queryMessage('T', 'k')).rejects.toMatchObject({ responseCode: 1 });
    await expect(client.admin.queryMessage('none', 'k')).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' });
  });

  it('by place, or by unique id', async () => {
    const id = '7F00000100011234ABCD000000010001';
    store(0, 'one', 'k', id);
    store(1, 'two', 'k', id);
    const byId = await client.admin.viewMessage('T', id);
    expect(byId.body.toString()).toBe('one');
    expect((await client.admin.viewMessage('T', byId.offsetMsgId)).body.toString()).toBe('one');
    expect(await client.admin.queryMessageByUniqKey('T', id)).toMatchObject({ msgId: id });
    expect(await client.admin.queryMessageByUniqKey('T', 'no such id')).toBeUndefined();
    await expect(client.admin.viewMessage('T', 'no such id')).rejects.toThrow('No message "no such id" in topic T');
  });
});
