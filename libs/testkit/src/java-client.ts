import { randomUUID } from 'node:crypto';
import { received, type JavaPeer } from './java-peer.js';
import type {
  FloodReceipt,
  Pulled,
  Received,
  Sent,
  TestCheck,
  TestClient,
  TestConsumer,
  TestLitePullConsumer,
  TestMessage,
  TestProducer,
  TestPullConsumer,
  TestQueue,
} from './test-client.js';

/** Apache's client, as a TestClient. */
export function javaClient(peer: JavaPeer): TestClient {
  return {
    kind: 'java',
    batchIdWins: peer.version !== '4.9.7',
    async producer(options) {
      const name = `producer-${randomUUID()}`;
      await peer.call('producer.start', { name, ...options });
      return javaProducer(peer, name);
    },
    async transactionProducer(options) {
      const name = `transactions-${randomUUID()}`;
      await peer.call('transaction.start', { name, ...options });
      return {
        send: async (message) => (await peer.call('transaction.send', { name, message: wire(message) })) as Sent,
        checks: async () => (await peer.call('transaction.checks', { name })) as TestCheck[],
        close: async () => void (await peer.call('transaction.stop', { name })),
      };
    },
    async pushConsumer(options) {
      const name = `consumer-${randomUUID()}`;
      const inbox = peer.inbox(name);
      await peer.call('push.start', {
        messageModel: 'CLUSTERING',
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
        ...options,
        name,
      });
      return {
        received: inbox.received,
        waitUntil: (enough, timeout) => inbox.waitUntil(enough, timeout),
        assignment: async () => (await peer.call('push.assignment', { name })) as TestQueue[],
        close: async () => void (await peer.call('push.stop', { name })),
      } satisfies TestConsumer;
    },
    async pullConsumer(options) {
      const name = `pull-${randomUUID()}`;
      await peer.call('pull.start', { name, ...options });
      return javaPullConsumer(peer, name);
    },
    async litePullConsumer(options) {
      const name = `lite-${randomUUID()}`;
      await peer.call('lite.start', { name, expression: '*', ...options });
      return javaLitePullConsumer(peer, name);
    },
    async pullSchedule(options) {
      const name = `schedule-${randomUUID()}`;
      const inbox = peer.inbox(name);
      await peer.call('schedule.start', { name, ...options });
      return {
        received: inbox.received,
        waitUntil: (enough, timeout) => inbox.waitUntil(enough, timeout),
        close: async () => void (await peer.call('schedule.stop', { name })),
      };
    },
  };
}

function javaLitePullConsumer(peer: JavaPeer, name: string): TestLitePullConsumer {
  const call = (op: string, args: object = {}): Promise<unknown> => peer.call(`lite.${op}`, { name, ...args });
  return {
    poll: async (timeout) => ((await call('poll', { timeout })) as Received[]).map(received),
    assign: async (queues) => void (await call('assign', { queues })),
    seek: async (queue, where) =>
      void (await call('seek', { queue, ...(typeof where === 'number' ? { offset: where } : { where }) })),
    commit: async () => void (await call('commit')),
    committed: async (queue) => (await call('committed', { queue })) as number,
    close: async () => void (await call('stop')),
  };
}

function javaProducer(peer: JavaPeer, name: string): TestProducer {
  const sendAll = async (mode: string, messages: readonly object[]): Promise<Sent[]> =>
    (await peer.call('producer.send', { name, mode, messages })) as Sent[];
  const sendOne = async (mode: string, message: object): Promise<Sent> => {
    const [sent] = await sendAll(mode, [message]);
    if (!sent) throw new Error(`producer.send ${mode} gave no result`);
    return sent;
  };
  return {
    send: (message) => sendOne('sync', wire(message)),
    sendAsync: (message) => sendOne('async', wire(message)),
    sendOneWay: async (message) => void (await sendAll('oneway', [wire(message)])),
    sendByHash: (message, hashKey) => sendOne('ordered', { ...wire(message), hashKey }),
    sendToQueue: (message, queue) => sendOne('queue', { ...wire(message), queue }),
    async sendBatch(messages) {
      const [sent] = await sendAll('batch', messages.map(wire));
      if (!sent) throw new Error('a batch gave no result');
      return sent;
    },
    flood: async (options) => (await peer.call('producer.flood', { name, ...options }, 170_000)) as FloodReceipt[],
    queues: async (topic) => (await peer.call('producer.queues', { name, topic })) as TestQueue[],
    recall: async (topic, recallHandle) =>
      (await peer.call('producer.recall', { name, topic, recallHandle })) as string,
    close: async () => void (await peer.call('producer.stop', { name })),
  };
}

function javaPullConsumer(peer: JavaPeer, name: string): TestPullConsumer {
  return {
    queues: async (topic) => (await peer.call('pull.queues', { name, topic })) as TestQueue[],
    async pull(queue, offset, { expression = '*', maxNums = 32 } = {}) {
      const pulled = (await peer.call('pull.pull', { name, queue, offset, expression, maxNums })) as Pulled;
      return { ...pulled, messages: pulled.messages.map((message: Received) => received(message)) };
    },
    committed: async (queue) => (await peer.call('pull.offset', { name, queue, fromStore: true })) as number,
    commit: async (queue, offset) => void (await peer.call('pull.commit', { name, queue, offset })),
    close: async () => void (await peer.call('pull.stop', { name })),
  };
}

function wire({ body, ...rest }: TestMessage): object {
  return { ...rest, bodyBase64: Buffer.from(body).toString('base64') };
}
