import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ResponseCode } from '../../../../protocol/src/index.js';
import { decodeProperties } from '../../../../protocol/src/message/index.js';
import { fail } from '../../../../remoting/src/index.js';
import { FakeCluster } from '../../../../testkit/src/fake-cluster.js';
import { createClient } from '../../client.js';
import type { Producer, ReceivedMessage, RocketMQClient, SendOptions } from '../../contract/index.js';

const replyTopic = 'c_REPLY_TOPIC';

describe('request and reply', () => {
  let cluster: FakeCluster;
  let asking: RocketMQClient;
  let answering: RocketMQClient;
  let requester: Producer;
  let responder: Producer;

  beforeEach(async () => {
    cluster = new FakeCluster(['a', 'b']);
    cluster.topics.set('T', 1).set(replyTopic, 1);
    await cluster.start();
    [asking, answering] = ['asking', 'answering'].map((instanceName) =>
      createClient({ nameServer: cluster.nameServer, clientIP: '127.0.0.1', instanceName }),
    ) as [RocketMQClient, RocketMQClient];
    requester = asking.createProducer({ producerGroup: 'requesters' });
    responder = answering.createProducer({ producerGroup: 'responders' });
    await Promise.all([requester.start(), responder.start()]);
  });

  afterEach(async () => {
    await Promise.all([asking.close(), answering.close()]);
    await cluster.close();
  });

  /** A consumer that answers each of `count` requests with its body and "!"; gives back the requests. */
  const respond = async (count: number): Promise<ReceivedMessage[]> => {
    const requests: ReceivedMessage[] = [];
    const consumer = answering.createPushConsumer({
      consumerGroup: 'responders-of-T',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      handler: async ([request]) => {
        if (request === undefined) return;
        if (requests.push(request) <= count) {
          await responder.reply(request, { body: `${request.body.toString()}!`, properties: { from: 'responder' } });
        }
      },
    });
    consumer.subscribe('T');
    await consumer.start();
    return requests;
  };
  const request = (body: string, options: SendOptions = { timeout: 5_000 }) =>
    requester.request({ topic: 'T', body }, options);

  it('resolves with the reply of whoever consumed the message', async () => {
    const requests = await respond(1);
    const reply = await request('hello');
    expect(reply.body.toString()).toBe('hello!');
    expect(reply.topic).toBe(replyTopic);
    expect(reply.properties.get('from')).toBe('responder');
    expect(Number(reply.properties.get('ARRIVE_TIME'))).toBeGreaterThan(0);
    expect(reply.properties.get('MSG_TYPE')).toBe('reply');
    const { properties } = requests[0] as ReceivedMessage;
    expect(properties.get('CORRELATION_ID')).toBe(reply.properties.get('CORRELATION_ID'));
    expect(properties.get('REPLY_TO_CLIENT')).toBe(asking.clientId);
    expect(properties.get('TTL')).toBe('5000');
  });

  it('brings each of many requests in flight its own reply, and keeps nothing of them', async () => {
    await respond(200);
    const bodies = Array.from({ length: 200 }, (_, i) => `request ${i}`);
    const replies = await Promise.all(bodies.map((body) => request(body)));
    expect(replies.map(({ body }) => body.toString())).toEqual(bodies.map((body) => `${body}!`));
  });

  it('is known to every broker of the reply topic before the first request', async () => {
    await respond(0);
    await request('nobody answers', { timeout: 300 }).catch(() => undefined);
    for (const { heartbeats } of cluster.brokers) {
      expect(heartbeats.map(({ clientID }) => clientID)).toContain(asking.clientId);
    }
  });

  it('says how long it waited when no reply comes, and does not mind one that comes later', async () => {
    const requests = await respond(0);
    await expect(request('late', { timeout: 200 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/topic T within 200 ms/),
    });
    await responder.reply(requests[0] as ReceivedMessage, { body: 'too late' });
  });

  it('rejects at once when the message was not sent', async () => {
    for (const broker of cluster.brokers) {
      broker.intercept('SEND_MESSAGE_V2', () => fail(ResponseCode.NO_PERMISSION, 'not here'));
    }
    await expect(request('refused', { timeout: 60_000 })).rejects.toMatchObject({
      message: expect.stringContaining('NO_PERMISSION(16) not here'),
    });
  });

  it('ends when the caller wants no reply any more', async () => {
    const abort = new AbortController();
    const waiting = request('given up', { timeout: 60_000, signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('tells a callback of the reply, and of its failure', async () => {
    await respond(1);
    const told = await new Promise((resolve) =>
      requester.requestAsync(
        { topic: 'T', body: 'x' },
        { onSuccess: (reply) => resolve(reply.body.toString()), onException: resolve },
        { timeout: 5_000 },
      ),
    );
    expect(told).toBe('x!');
    const failed = await new Promise((resolve) =>
      requester.requestAsync({ topic: 'no such topic', body: 'x' }, { onSuccess: resolve, onException: resolve }),
    );
    expect(failed).toMatchObject({ code: 'ARGUMENT_INVALID' });
  });

  it('replies by the request for replies, to the reply topic of the cluster, with what is needed to find the requester', async () => {
    const requests = await respond(1);
    await request('hello');
    const sent = cluster.brokers.flatMap(({ sends }) => sends).find(({ header }) => header.topic === replyTopic);
    const properties = decodeProperties(String(sent?.header.properties));
    const { properties: asked } = requests[0] as ReceivedMessage;
    for (const name of ['CORRELATION_ID', 'REPLY_TO_CLIENT', 'TTL']) {
      expect(properties.get(name)).toBe(asked.get(name));
    }
  });

  it('refuses to reply to what is no request, naming what is missing', async () => {
    const message = { topic: 'T', msgId: 'ID', properties: new Map([['CLUSTER', 'c']]) } as unknown as ReceivedMessage;
    await expect(responder.reply(message, { body: 'x' })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: expect.stringMatching(/ID of topic T has no property CORRELATION_ID/),
    });
  });

  it.each([0, -1, NaN])('refuses a timeout of %p', async (timeout) => {
    await expect(request('x', { timeout })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });
});
