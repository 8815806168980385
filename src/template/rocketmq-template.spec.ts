import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { silentLogger } from '../../libs/common/src/index.js';
import { ResponseCode } from '../../libs/protocol/src/index.js';
import { fail, hold, ok } from '../../libs/remoting/src/index.js';
import { FakeCluster } from '../../libs/testkit/src/fake-cluster.js';
import { RocketMQConnection } from '../connection/rocketmq-connection.js';
import type { RocketMQModuleOptions } from '../options/module-options.js';
import { RocketMQTemplate } from './rocketmq-template.js';

const stored = { msgId: 'M', queueId: 0, queueOffset: 5 } as never;

describe('RocketMQTemplate against a broker that answers as told', () => {
  let cluster: FakeCluster;
  const connections: RocketMQConnection[] = [];

  beforeEach(async () => {
    cluster = new FakeCluster(['a']);
    cluster.topics.set('T', 1);
    await cluster.start();
  });

  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection.close();
    await cluster.close();
  });

  async function open(options: Pick<RocketMQModuleOptions, 'producer' | 'template'> = {}): Promise<RocketMQTemplate> {
    const connection = new RocketMQConnection(undefined, silentLogger);
    connections.push(connection);
    connection.configure({ client: { clientIP: '127.0.0.1' }, ...options });
    await connection.start([cluster.nameServer]);
    return new RocketMQTemplate(connection);
  }

  const answers = (...codes: number[]): void => {
    let asked = 0;
    const name = 'SEND_MESSAGE_V2';
    const answer = () => {
      const code = codes[Math.min(asked++, codes.length - 1)] ?? ResponseCode.SUCCESS;
      return code === ResponseCode.SUCCESS ? ok(stored) : fail(code, 'as the test says', stored);
    };
    cluster.brokers[0]?.intercept(name, answer);
    cluster.brokers[0]?.intercept('SEND_BATCH_MESSAGE', answer);
  };

  describe('what was not stored safely', () => {
    it('is a result, unless asked otherwise', async () => {
      answers(ResponseCode.FLUSH_DISK_TIMEOUT);
      const template = await open();
      expect(await template.send('T', 'x')).toMatchObject({ sendStatus: 'FLUSH_DISK_TIMEOUT' });
      await expect(template.send('T', 'x', { requireStoreOk: true })).rejects.toMatchObject({
        name: 'RocketMQSendError',
        code: 'NOT_STORED_SAFELY',
        retryable: true,
        sendStatus: 'FLUSH_DISK_TIMEOUT',
        sent: 1,
        results: [{ sendStatus: 'FLUSH_DISK_TIMEOUT', queueOffset: 5 }],
      });
    });

    it.each<[string, (template: RocketMQTemplate) => Promise<unknown>]>([
      ['send', (template) => template.send('T', 'x')],
      ['asyncSend', (template) => template.asyncSend('T', 'x')],
      ['syncSendOrderly', (template) => template.syncSendOrderly('T', 'x', 'key')],
      ['a batch', (template) => template.send('T', ['x', 'y'])],
    ])('is refused by the module: %s', async (_name, send) => {
      answers(ResponseCode.SLAVE_NOT_AVAILABLE);
      const template = await open({ template: { requireStoreOk: true } });
      await expect(send(template)).rejects.toMatchObject({ sendStatus: 'SLAVE_NOT_AVAILABLE' });
      await expect(template.send('T', 'x', { requireStoreOk: false })).resolves.toBeDefined();
    });

    it('ends its transaction before it began', async () => {
      answers(ResponseCode.FLUSH_DISK_TIMEOUT);
      const template = await open();
      let ran = false;
      const transaction = async () => {
        ran = true;
        return 'commit' as const;
      };
      const send = template.send('T', 'x', { transaction, requireStoreOk: true });
      await expect(send).rejects.toThrow('Its transaction did not run, and was rolled back');
      expect(ran).toBe(false);
    });
  });

  it('shows the code of a refusal', async () => {
    answers(ResponseCode.MESSAGE_ILLEGAL);
    const template = await open();
    await expect(template.send('T', 'x')).rejects.toMatchObject({
      name: 'ResponseError',
      code: 'REQUEST_REFUSED',
      responseCode: ResponseCode.MESSAGE_ILLEGAL,
      retryable: false,
    });
  });

  describe('a batch in several requests', () => {
    const producer = { maxMessageSize: 300 };
    const payloads = ['a', 'b', 'c', 'd'].map((text) => text.repeat(100));

    it.each<[string, (template: RocketMQTemplate) => Promise<unknown>]>([
      ['send', (template) => template.send('T', payloads)],
      ['asyncSend', (template) => template.asyncSend('T', payloads)],
    ])('tells what was sent when one fails: %s', async (_name, send) => {
      answers(ResponseCode.SUCCESS, ResponseCode.MESSAGE_ILLEGAL);
      await expect(send(await open({ producer }))).rejects.toMatchObject({
        name: 'RocketMQSendError',
        code: 'REQUEST_REFUSED',
        responseCode: ResponseCode.MESSAGE_ILLEGAL,
        retryable: false,
        sent: 1,
        results: [{ queueOffset: 5 }],
        message: expect.stringContaining('Batch of 4 messages: the first 1 were sent'),
      });
    });

    it('stops when it is aborted', async () => {
      const abort = new AbortController();
      let asked = 0;
      cluster.brokers[0]?.intercept('SEND_BATCH_MESSAGE', () => {
        if (++asked === 1) return ok(stored);
        queueMicrotask(() => abort.abort());
        return hold;
      });
      const template = await open({ producer });
      const send = template.send('T', payloads, { signal: abort.signal });
      await expect(send).rejects.toMatchObject({ code: 'ABORTED', sent: 1, cause: { name: 'AbortError' } });
      expect(asked).toBe(2);
    });

    it('has no callback', async () => {
      const template = await open({ producer });
      const error = await new Promise((resolve) => {
        template.asyncSend('T', payloads, { onSuccess: resolve, onException: resolve });
      });
      expect(error).toMatchObject({ message: expect.stringContaining('the batch needs 4 requests') });
    });
  });

  it('gives up when nobody listens any more', async () => {
    let asked = 0;
    cluster.brokers[0]?.intercept('SEND_MESSAGE_V2', () => {
      asked++;
      return hold;
    });
    const template = await open({ producer: { sendMsgTimeout: 600_000 } });
    const sending = template.rx.send('T', 'x');
    expect(asked).toBe(0);
    const abort = new AbortController();
    const once = lastValueFrom(template.rx.send('T', 'x', { signal: abort.signal }));
    sending.subscribe().unsubscribe();
    abort.abort();
    await expect(once).rejects.toMatchObject({ name: 'AbortError' });
    // Closing waits for sends under way: one that went on would hold it up for its ten minutes.
    await connections[0]?.close();
  });

  it('goes on when a callback throws', async () => {
    answers(ResponseCode.SUCCESS);
    const template = await open();
    await new Promise<void>((resolve) => {
      template.asyncSend('T', 'x', {
        onSuccess() {
          resolve();
          throw new Error('of the callback');
        },
        onException: () => undefined,
      });
    });
    expect(await template.send('T', 'x')).toMatchObject({ sendStatus: 'SEND_OK' });
  });
});
