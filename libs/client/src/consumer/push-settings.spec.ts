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
      redeliveryDelay: 5000,
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

  it('refuses a group that unrelated applications would share', () => {
    expect(() => readPullConsumerConfig({ consumerGroup: 'DEFAULT_CONSUMER' })).toThrow(/must be a name of your own/);
    expect(() => readPullConsumerConfig({} as never)).toThrow(/PullConsumerConfig.consumerGroup must be a text/);
  });
});
