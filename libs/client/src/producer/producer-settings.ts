import {
  SystemGroup,
  SystemTopic,
  autoCreateTopicKey,
  groupNameProblem,
  topicNameProblem,
} from '../../../protocol/src/message/index.js';
import { retryableResponseCodes } from '../../../protocol/src/index.js';
import type {
  CompressionType,
  LocalTransactionChecker,
  ProducerConfig,
  TransactionListener,
} from '../contract/index.js';
import { readHooks } from '../hook-option.js';
import { OptionReader } from '../option-reader.js';

type Given = 'retryResponseCodes' | 'transactionListener' | 'checkLocalTransaction';

/** ProducerConfig, checked and with every default filled in. */
export interface ProducerSettings extends Required<Omit<ProducerConfig, Given>> {
  readonly retryResponseCodes: ReadonlySet<number>;
  readonly transactionListener: TransactionListener | undefined;
  /** Its own, or the listener's. */
  readonly checkLocalTransaction: LocalTransactionChecker | undefined;
}

/** Of 5.3.3, milliseconds. 4.9.7 leaves brokers alone for longer. */
const latencyMax: readonly number[] = [50, 100, 550, 1_800, 3_000, 5_000, 15_000];
const notAvailableDuration: readonly number[] = [0, 0, 2_000, 5_000, 6_000, 10_000, 30_000];

const compressionTypes: readonly CompressionType[] = ['ZLIB', 'LZ4', 'ZSTD'];
const mostNumber = 2 ** 31 - 1;
const mebibyte = 1024 * 1024;

/** @throws RocketMQError ARGUMENT_INVALID naming every wrong option. */
export function readProducerConfig(config: ProducerConfig): ProducerSettings {
  const read = new OptionReader('ProducerConfig', config);
  const retries = { min: 0, max: 100 };
  const interval = { min: 1, max: 60 * 60_000 };
  const compressType = read.oneOf('compressType', 'ZLIB', compressionTypes);
  const transactionListener = readListener(read);
  const settings: ProducerSettings = {
    producerGroup: read.text('producerGroup', SystemGroup.DEFAULT_PRODUCER, groupNameProblem),
    sendMsgTimeout: read.integer('sendMsgTimeout', 3_000, { min: 1, max: 10 * 60_000 }),
    retryTimesWhenSendFailed: read.integer('retryTimesWhenSendFailed', 2, retries),
    retryTimesWhenSendAsyncFailed: read.integer('retryTimesWhenSendAsyncFailed', 2, retries),
    retryAnotherBrokerWhenNotStoreOK: read.boolean('retryAnotherBrokerWhenNotStoreOK', false),
    sendMsgMaxTimeoutPerRequest: read.integer('sendMsgMaxTimeoutPerRequest', -1, { min: -1, max: 10 * 60_000 }),
    retryResponseCodes: new Set(
      read.wholeNumbers('retryResponseCodes', [...retryableResponseCodes], { min: 1, max: mostNumber }),
    ),
    compressMsgBodyOverHowmuch: read.integer('compressMsgBodyOverHowmuch', 4096, { min: 1, max: mostNumber }),
    compressType,
    compressLevel: read.integer('compressLevel', 5, compressType === 'ZSTD' ? { min: 1, max: 22 } : { min: 0, max: 9 }),
    // A frame, header included, holds 16 MiB.
    maxMessageSize: read.integer('maxMessageSize', 4 * mebibyte, { min: 1, max: 16 * mebibyte }),
    defaultTopicQueueNums: read.integer('defaultTopicQueueNums', 4, { min: 1, max: 65_535 }),
    createTopicKey: read.text('createTopicKey', autoCreateTopicKey, topicNameProblem),
    sendLatencyFaultEnable: read.boolean('sendLatencyFaultEnable', false),
    latencyMax: read.wholeNumbers('latencyMax', latencyMax, { min: 0, max: mostNumber }),
    notAvailableDuration: read.wholeNumbers('notAvailableDuration', notAvailableDuration, { min: 0, max: mostNumber }),
    startDetectorEnable: read.boolean('startDetectorEnable', false),
    detectInterval: read.integer('detectInterval', 2_000, interval),
    detectTimeout: read.integer('detectTimeout', 200, interval),
    hooks: readHooks(read),
    enableMsgTrace: read.boolean('enableMsgTrace', false),
    customizedTraceTopic: read.text('customizedTraceTopic', SystemTopic.TRACE, topicNameProblem),
    enableBackpressureForAsyncMode: read.boolean('enableBackpressureForAsyncMode', false),
    backPressureForAsyncSendNum: read.integer('backPressureForAsyncSendNum', 10_000, { min: 10, max: mostNumber }),
    backPressureForAsyncSendSize: read.integer('backPressureForAsyncSendSize', 100 * mebibyte, {
      min: mebibyte,
      max: Number.MAX_SAFE_INTEGER,
    }),
    transactionListener,
    checkLocalTransaction: readChecker(read) ?? transactionListener?.checkLocalTransaction.bind(transactionListener),
    checkThreadPoolMaxSize: read.integer('checkThreadPoolMaxSize', 1, { min: 1, max: 1000 }),
    checkRequestHoldMax: read.integer('checkRequestHoldMax', 2_000, { min: 1, max: 1_000_000 }),
  };
  if (settings.latencyMax.length !== settings.notAvailableDuration.length) {
    read.problem('notAvailableDuration', `must have as many steps as latencyMax, ${settings.latencyMax.length}`);
  }
  read.finish();
  return settings;
}

function readListener(read: OptionReader<ProducerConfig>): TransactionListener | undefined {
  const listener = read.value('transactionListener');
  if (listener === undefined) return undefined;
  const isWhole =
    typeof listener === 'object' &&
    typeof listener?.executeLocalTransaction === 'function' &&
    typeof listener.checkLocalTransaction === 'function';
  if (isWhole) return listener;
  read.problem('transactionListener', 'must have the functions executeLocalTransaction and checkLocalTransaction');
  return undefined;
}

function readChecker(read: OptionReader<ProducerConfig>): LocalTransactionChecker | undefined {
  const checker: unknown = read.value('checkLocalTransaction');
  if (checker !== undefined && typeof checker !== 'function') {
    read.problem('checkLocalTransaction', 'must be a function', checker);
  }
  return checker as LocalTransactionChecker | undefined;
}
