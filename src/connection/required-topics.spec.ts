import { describe, expect, it } from '@jest/globals';
import type { MessageQueue, Producer, RocketMQClient } from '../../libs/client/src/index.js';
import { silentLogger } from '../../libs/common/src/index.js';
import { ResponseError } from '../../libs/protocol/src/index.js';
import { ensureTopics } from './required-topics.js';

const from = 'RocketMQModule.forFeature in ShopModule';
const orders = { name: 'orders', queues: 2, from };

/** A cluster as the client tells of it. */
function cluster(queues: readonly Pick<MessageQueue, 'brokerName'>[], refusal?: Error) {
  const asked: unknown[] = [];
  const warnings: string[] = [];
  const client = {
    admin: {
      topicExists: () => Promise.resolve(queues.length > 0),
      createTopic: (...args: unknown[]) => {
        asked.push(args);
        return refusal ? Promise.reject(refusal) : Promise.resolve();
      },
    },
  } as unknown as RocketMQClient;
  const producer = { fetchPublishMessageQueues: () => Promise.resolve(queues) } as unknown as Producer;
  const log = { ...silentLogger, warn: (line: string) => void warnings.push(line) };
  return { asked, warnings, parts: { client, producer, log } };
}

describe('a topic that has to be there', () => {
  it('is made with as many queues as asked for, 4 when nobody says', async () => {
    const { asked, parts } = cluster([]);
    await ensureTopics([orders, { name: 'mails', queues: undefined, from }], parts);
    expect(asked).toEqual([
      ['orders', { readQueues: 2, writeQueues: 2 }],
      ['mails', { readQueues: 4, writeQueues: 4 }],
    ]);
  });

  it('is left as it is, and a broker with another number of queues is named', async () => {
    const { asked, warnings, parts } = cluster(['a', 'a', 'b'].map((brokerName) => ({ brokerName })));
    await ensureTopics([orders], parts);
    expect(asked).toEqual([]);
    expect(warnings).toEqual([
      `${from}: topic 'orders' should have 2 queues on each broker and has 1 on b; left as it is`,
    ]);
  });

  it.each([
    [13, false],
    [2, true],
  ])('is missed with what the broker answered: %d, again %s', async (code, retryable) => {
    const refusal = new ResponseError(code, 'not yours', 'mq1:10911', 'updateAndCreateTopic');
    const { parts } = cluster([], refusal);
    const failure: unknown = await ensureTopics([orders], parts).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: refusal.code,
      retryable: refusal.retryable,
      cause: refusal,
      message: expect.stringMatching(
        /^RocketMQModule\.forFeature in ShopModule: topic 'orders' does not exist and could not be created: .*not yours.*Create it: mqadmin updateTopic/,
      ),
    });
    expect(refusal.retryable).toBe(retryable);
  });
});
