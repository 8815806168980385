import {
  SystemGroup,
  autoCreateTopicKey,
  groupNameProblem,
  topicNameProblem,
} from '../../../protocol/src/message/index.js';
import type { ProducerConfig } from '../contract/index.js';
import { OptionReader } from '../option-reader.js';

export type ProducerSettings = Required<ProducerConfig>;

/** @throws RocketMQError ARGUMENT_INVALID naming every wrong option. */
export function readProducerConfig(config: ProducerConfig): ProducerSettings {
  const read = new OptionReader('ProducerConfig', config);
  const retries = { min: 0, max: 100 };
  const settings: ProducerSettings = {
    producerGroup: read.text('producerGroup', SystemGroup.DEFAULT_PRODUCER, groupNameProblem),
    sendMsgTimeout: read.integer('sendMsgTimeout', 3_000, { min: 1, max: 10 * 60_000 }),
    retryTimesWhenSendFailed: read.integer('retryTimesWhenSendFailed', 2, retries),
    retryTimesWhenSendAsyncFailed: read.integer('retryTimesWhenSendAsyncFailed', 2, retries),
    retryAnotherBrokerWhenNotStoreOK: read.boolean('retryAnotherBrokerWhenNotStoreOK', false),
    compressMsgBodyOverHowmuch: read.integer('compressMsgBodyOverHowmuch', 4096, { min: 1, max: 2 ** 31 - 1 }),
    // A frame, header included, holds 16 MiB.
    maxMessageSize: read.integer('maxMessageSize', 4 * 1024 * 1024, { min: 1, max: 16 * 1024 * 1024 }),
    defaultTopicQueueNums: read.integer('defaultTopicQueueNums', 4, { min: 1, max: 65_535 }),
    createTopicKey: read.text('createTopicKey', autoCreateTopicKey, topicNameProblem),
  };
  read.finish();
  return settings;
}
