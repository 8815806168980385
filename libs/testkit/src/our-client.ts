import { systemClock } from '../../common/src/index.js';
import {
  createClient,
  type ClientConfig,
  type LitePullConsumer,
  type LocalTransactionState,
  type OutgoingMessage,
  type Producer,
  type PullConsumer,
  type ReceivedMessage,
  type RocketMQClient,
  type SendResult,
  type SubscribeExpression,
} from '../../client/src/index.js';
import { Inbox } from './inbox.js';
import {
  floodBody,
  sha1,
  type FloodOptions,
  type FloodReceipt,
  type Received,
  type Sent,
  type Subscribed,
  type TestCheck,
  type TestClient,
  type TestConsumer,
  type TestLitePullConsumer,
  type TestLitePullOptions,
  type TestMessage,
  type TestProducer,
  type TestPullConsumer,
  type TestSchedule,
  type TestScheduleOptions,
  type TestTransactionProducer,
} from './test-client.js';

/** Our client in this process, as a TestClient. Each producer and consumer has a connection of its own, as in the Java peer. */
export function ourClient(config: Omit<ClientConfig, 'nameServer'> = {}): TestClient {
  let last = 0;
  const connect = async (nameServer: string, more: ClientConfig = {}): Promise<RocketMQClient> => {
    const client = createClient({
      ...config,
      ...more,
      nameServer,
      instanceName: `test-${process.pid}-${++last}`,
    });
    await client.start();
    return client;
  };
  return {
    kind: 'ours',
    batchIdWins: false,
    async producer({ nameServer, group, vipChannel, compressOver, compressType, defaultTopicQueueNums, traceTopic }) {
      const client = await connect(nameServer, { vipChannelEnabled: vipChannel ?? false });
      const producer = client.createProducer({
        producerGroup: group,
        sendMsgTimeout: 10_000,
        ...traced(traceTopic),
        ...(compressOver !== undefined && { compressMsgBodyOverHowmuch: compressOver }),
        ...(compressType !== undefined && { compressType }),
        ...(defaultTopicQueueNums !== undefined && { defaultTopicQueueNums }),
      });
      await producer.start();
      return ourProducer(client, producer);
    },
    transactionProducer: async ({ nameServer, group }) => openTransactions(await connect(nameServer), group),
    async pushConsumer({ nameServer, group, subscriptions, refusals = 0, traceTopic, ...options }) {
      const client = await connect(nameServer);
      const inbox = new Inbox();
      const consumer = client.createPushConsumer({
        consumerGroup: group,
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
        suspendCurrentQueueTimeMillis: 100,
        ...traced(traceTopic),
        ...options,
        handler: (messages) => {
          for (const message of messages) inbox.add(asReceived(message));
          const bad = messages.filter(({ tags, reconsumeTimes }) => tags === 'bad' && reconsumeTimes < refusals);
          if (bad.length > 0) throw new Error('refused');
        },
      });
      for (const subscribed of subscriptions) consumer.subscribe(subscribed[0], selectorOf(subscribed));
      await consumer.start().catch(async (error: unknown) => {
        await client.close();
        throw error;
      });
      return {
        received: inbox.received,
        waitUntil: (enough, timeout) => inbox.waitUntil(enough, timeout),
        assignment: () => Promise.resolve([...consumer.assignment]),
        async close() {
          await consumer.drain();
          await consumer.close();
          await client.close();
        },
      } satisfies TestConsumer;
    },
    async pullConsumer({ nameServer, group }) {
      const client = await connect(nameServer);
      const consumer = client.createPullConsumer({ consumerGroup: group });
      await consumer.start();
      return ourPullConsumer(client, consumer);
    },
    litePullConsumer: async (options) => openLitePullConsumer(await connect(options.nameServer), options),
    pullSchedule: async (options) => openPullSchedule(await connect(options.nameServer), options),
  };
}

function selectorOf([, expression, kind = 'TAG']: Subscribed): SubscribeExpression {
  return kind === 'CLASS' ? { filterClass: expression } : { type: kind, expression };
}

async function openTransactions(client: RocketMQClient, producerGroup: string): Promise<TestTransactionProducer> {
  const checks: TestCheck[] = [];
  const state = (name: string | undefined): LocalTransactionState =>
    name === 'COMMIT' || name === 'ROLLBACK' ? name : 'UNKNOWN';
  const producer = client.createProducer({
    producerGroup,
    sendMsgTimeout: 10_000,
    transactionListener: {
      executeLocalTransaction: async (message) => state(message.properties?.['local']),
      async checkLocalTransaction({ topic, keys, queueId, properties }) {
        const times = Number(properties.get('TRANSACTION_CHECK_TIMES'));
        checks.push({ topic, keys: keys.join(' '), queueId, times });
        return state(properties.get('check'));
      },
    },
  });
  await producer.start();
  return {
    send: async (message) => asSent(await producer.sendMessageInTransaction(outgoing(message))),
    checks: () => Promise.resolve([...checks]),
    async close() {
      await producer.close();
      await client.close();
    },
  };
}

function traced(customizedTraceTopic: string | undefined) {
  return customizedTraceTopic === undefined ? {} : { enableMsgTrace: true, customizedTraceTopic };
}

async function openLitePullConsumer(
  client: RocketMQClient,
  { group, topic, expression, assign }: TestLitePullOptions,
): Promise<TestLitePullConsumer> {
  const consumer = client.createLitePullConsumer({
    consumerGroup: group,
    autoCommit: false,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  });
  if (assign !== undefined) consumer.assign(assign);
  else consumer.subscribe(topic ?? '', expression);
  await consumer.start();
  return ourLitePullConsumer(client, consumer);
}

async function openPullSchedule(
  client: RocketMQClient,
  { group, topic, delay }: TestScheduleOptions,
): Promise<TestSchedule> {
  const inbox = new Inbox();
  const schedule = client.createPullSchedule({ consumerGroup: group });
  schedule.registerPullTaskCallback(topic, async (queue, context) => {
    const { pullConsumer } = context;
    const offset = Math.max(0, await pullConsumer.fetchConsumeOffset(queue));
    const { messages, nextBeginOffset } = await pullConsumer.pull(queue, offset);
    for (const message of messages) inbox.add(asReceived(message));
    pullConsumer.updateConsumeOffset(queue, nextBeginOffset);
    context.setPullNextDelayTimeMillis(delay);
  });
  await schedule.start();
  return {
    received: inbox.received,
    waitUntil: (enough, timeout) => inbox.waitUntil(enough, timeout),
    async close() {
      await schedule.close();
      await client.close();
    },
  };
}

function ourLitePullConsumer(client: RocketMQClient, consumer: LitePullConsumer): TestLitePullConsumer {
  return {
    poll: async (timeout) => (await consumer.poll(timeout)).map(asReceived),
    assign: (queues) => Promise.resolve(consumer.assign(queues)),
    seek(queue, where) {
      if (where === 'begin') return consumer.seekToBegin(queue);
      return where === 'end' ? consumer.seekToEnd(queue) : consumer.seek(queue, where);
    },
    commit: () => Promise.resolve(consumer.commit()),
    committed: (queue) => consumer.committed(queue),
    async close() {
      await consumer.close();
      await client.close();
    },
  };
}

function ourProducer(client: RocketMQClient, producer: Producer): TestProducer {
  const sendAsync = (message: OutgoingMessage): Promise<Sent> =>
    new Promise((resolve, reject) =>
      producer.sendAsync(message, {
        onSuccess: (result) => resolve(asSent(result)),
        onException: reject,
      }),
    );
  return {
    send: async (message) => asSent(await producer.send(outgoing(message))),
    sendAsync: (message) => sendAsync(outgoing(message)),
    sendOneWay: (message) => producer.sendOneWay(outgoing(message)),
    sendByHash: async (message, hashKey) => asSent(await producer.send(outgoing(message), { hashKey })),
    sendToQueue: async (message, queue) => asSent(await producer.send(outgoing(message), { queue })),
    sendBatch: async (messages) => asSent(await producer.send(messages.map(outgoing))),
    flood: (options) => flood(options, sendAsync),
    queues: (topic) => producer.fetchPublishMessageQueues(topic),
    recall: (topic, recallHandle) => producer.recall(topic, recallHandle),
    async close() {
      await producer.close();
      await client.close();
    },
  };
}

async function flood(
  options: FloodOptions,
  send: (message: OutgoingMessage) => Promise<Sent>,
): Promise<FloodReceipt[]> {
  const { topic, prefix, count, size, inFlight, tags } = options;
  const receipts: FloodReceipt[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const body = floodBody(prefix, index, size);
      const sent = await send({ topic, body, keys: `${prefix}-${index}`, ...(tags !== undefined && { tags }) });
      receipts[index] = [sent.queue.queueId, sent.queueOffset, sent.msgId];
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return receipts;
}

function ourPullConsumer(client: RocketMQClient, consumer: PullConsumer): TestPullConsumer {
  return {
    queues: (topic) => consumer.fetchSubscribeMessageQueues(topic),
    async pull(queue, offset, options = {}) {
      const pulled = await consumer.pull(queue, offset, options);
      return { ...pulled, messages: pulled.messages.map(asReceived) };
    },
    committed: (queue) => consumer.fetchConsumeOffset(queue, true),
    async commit(queue, offset) {
      consumer.updateConsumeOffset(queue, offset);
      await consumer.persistConsumeOffset();
    },
    async close() {
      await consumer.close();
      await client.close();
    },
  };
}

function outgoing({ keys, delayLevel, ...message }: TestMessage): OutgoingMessage {
  return {
    ...message,
    ...(keys !== undefined && { keys: keys.split(' ') }),
    ...(delayLevel !== undefined && { delayTimeLevel: delayLevel }),
  };
}

function asSent(result: SendResult): Sent {
  const { sendStatus, msgId, offsetMsgId, messageQueue, queueOffset, recallHandle } = result;
  return { sendStatus, msgId, offsetMsgId, queue: messageQueue, queueOffset, recallHandle };
}

function asReceived(message: ReceivedMessage): Received {
  return {
    topic: message.topic,
    brokerName: message.brokerName,
    queueId: message.queueId,
    queueOffset: message.queueOffset,
    physicalOffset: message.physicalOffset,
    msgId: message.msgId,
    tags: message.tags,
    keys: message.properties.get('KEYS'),
    flag: message.flag,
    sysFlag: message.sysFlag,
    storeSize: message.storeSize,
    properties: Object.fromEntries([...message.properties].sort(([a], [b]) => (a < b ? -1 : 1))),
    bodyLength: message.body.length,
    bodySha1: sha1(message.body),
    bornTimestamp: message.bornTimestamp,
    storeTimestamp: message.storeTimestamp,
    reconsumeTimes: message.reconsumeTimes,
    arrivedAt: systemClock.now(),
  };
}
