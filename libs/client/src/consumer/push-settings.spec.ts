import { describe, expect, it } from '@jest/globals';
import { readPullConsumerConfig } from './pull-settings.js';
import { readPushConsumerConfig } from './push-settings.js';

const handler = (): void => {};

describe('readPushConsumerConfig', () => {
  it("fills in Java's defaults", () => {
    expect(readPushConsumerConfig({ consumerGroup: 'g', handler })).toMatchObject({
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      concurrency: 20,
      consumeMessageBatchMaxSize: 1,
      pullBatchSize: 32,
      pullThresholdForQueue: 1000,
      pullThresholdSizeForQueue: 100,
      consumeConcurrentlyMaxSpan: 2000,
      consumeMode: 'CONCURRENTLY',
      pullThresholdForTopic: -1,
      pullThresholdSizeForTopic: -1,
      maxReconsumeTimes: -1,
      consumeTimeout: 15,
      suspendCurrentQueueTimeMillis: 1000,
      checkSubscription: 'warn',
      hooks: [],
    });
  });

  it('reads times in local time, and only times that exist', () => {
    const read = (consumeTimestamp: string) =>
      readPushConsumerConfig({ consumerGroup: 'g', handler, consumeTimestamp });
    expect(read('20240229133001').consumeTimestamp).toBe(new Date(2024, 1, 29, 13, 30, 1).getTime());
    for (const wrong of ['20230229000000', '2024-02-29', '', '20241301000000']) {
      expect(() => read(wrong)).toThrow(/PushConsumerConfig.consumeTimestamp must be yyyyMMddHHmmss in local time/);
    }
  });

  it('reports everything that is wrong', () => {
    const wrong = { consumerGroup: 'a b', handler: 1, pullBatchSize: 0, concurrency: 1001 } as never;
    const lines = [/handler must be a function/, /consumerGroup is wrong.*illegal/, /pullBatchSize/, /concurrency/];
    for (const line of lines) expect(() => readPushConsumerConfig(wrong)).toThrow(line);
  });

  it.each([
    [{ consumeMode: 'ORDERED' }, /consumeMode must be one of CONCURRENTLY, ORDERLY, not "ORDERED"/],
    [{ maxReconsumeTimes: -2 }, /maxReconsumeTimes must be a whole number from -1/],
    [{ consumeTimeout: 0 }, /consumeTimeout must be a number of minutes, more than 0/],
    [{ pullThresholdForTopic: 0 }, /pullThresholdForTopic must be -1 or a whole number from 1 to 6553500/],
    [{ suspendCurrentQueueTimeMillis: 9 }, /suspendCurrentQueueTimeMillis must be a whole number from 10 to 30000/],
    [{ hooks: [{ before: 1 }] }, /hooks must be a list of objects whose 'before' and 'after' are functions/],
    [{ checkSubscription: true }, /checkSubscription must be one of warn, refuse, off/],
    [{ redeliveryDelay: 1 }, /redeliveryDelay is not known/],
  ])('refuses %j', (wrong, text) => {
    expect(() => readPushConsumerConfig({ consumerGroup: 'g', handler, ...wrong } as never)).toThrow(text);
  });

  it('takes fractions of a minute', () => {
    expect(readPushConsumerConfig({ consumerGroup: 'g', handler, consumeTimeout: 0.5 }).consumeTimeout).toBe(0.5);
  });

  it('refuses a group that unrelated applications would share', () => {
    expect(() => readPullConsumerConfig({ consumerGroup: 'DEFAULT_CONSUMER' })).toThrow(/must be a name of your own/);
    expect(() => readPullConsumerConfig({} as never)).toThrow(/PullConsumerConfig.consumerGroup must be a text/);
  });
});
