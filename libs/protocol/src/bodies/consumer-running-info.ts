import {
  jsonBean,
  jsonBool,
  jsonDouble,
  jsonInt,
  jsonList,
  jsonLong,
  jsonMap,
  jsonPairs,
  jsonText,
  optional,
  type ShapeType,
} from '../fastjson/index.js';
import { subscriptionDataShape } from './heartbeat.js';
import { jsonBody } from './json-body.js';
import { messageQueueShape } from './message-queue.js';

/** Keys of ConsumerRunningInfo.properties that mqadmin reads. */
export const RunningInfoProperty = {
  NAMESERVER_ADDR: 'PROP_NAMESERVER_ADDR',
  THREADPOOL_CORE_SIZE: 'PROP_THREADPOOL_CORE_SIZE',
  CONSUME_ORDERLY: 'PROP_CONSUMEORDERLY',
  CONSUME_TYPE: 'PROP_CONSUME_TYPE',
  CLIENT_VERSION: 'PROP_CLIENT_VERSION',
  CONSUMER_START_TIMESTAMP: 'PROP_CONSUMER_START_TIMESTAMP',
} as const;

/** Times are milliseconds since the epoch. */
export const processQueueInfoShape = jsonBean({
  cachedMsgCount: jsonInt,
  cachedMsgMaxOffset: jsonLong,
  cachedMsgMinOffset: jsonLong,
  cachedMsgSizeInMiB: jsonInt,
  commitOffset: jsonLong,
  /** Java's spelling. */
  droped: jsonBool,
  lastConsumeTimestamp: jsonLong,
  lastLockTimestamp: jsonLong,
  lastPullTimestamp: jsonLong,
  locked: jsonBool,
  transactionMsgCount: jsonInt,
  transactionMsgMaxOffset: jsonLong,
  transactionMsgMinOffset: jsonLong,
  tryUnlockTimes: jsonLong,
});

export type ProcessQueueInfo = ShapeType<typeof processQueueInfoShape>;

export const popProcessQueueInfoShape = jsonBean({
  droped: jsonBool,
  lastPopTimestamp: jsonLong,
  waitAckCount: jsonInt,
});

/** RT in milliseconds, TPS in messages a second, both of the last minute; failed messages of the last hour. */
export const consumeStatusShape = jsonBean({
  consumeFailedMsgs: jsonLong,
  consumeFailedTPS: jsonDouble,
  consumeOKTPS: jsonDouble,
  consumeRT: jsonDouble,
  pullRT: jsonDouble,
  pullTPS: jsonDouble,
});

export type ConsumeStatus = ShapeType<typeof consumeStatusShape>;

export const consumerRunningInfoShape = jsonBean({
  /** Thread dump, when asked for. */
  jstack: optional(jsonText),
  /** Since 5.0. */
  mqPopTable: optional(jsonPairs(messageQueueShape, popProcessQueueInfoShape)),
  mqTable: jsonPairs(messageQueueShape, processQueueInfoShape),
  /** See RunningInfoProperty. */
  properties: jsonMap(jsonText, jsonText),
  /** By topic. */
  statusTable: jsonMap(jsonText, consumeStatusShape),
  subscriptionSet: jsonList(subscriptionDataShape),
  /** Since 5.0. */
  userConsumerInfo: optional(jsonMap(jsonText, jsonText)),
});

export type ConsumerRunningInfo = ShapeType<typeof consumerRunningInfoShape>;

export const consumerRunningInfoBody = jsonBody('ConsumerRunningInfo', consumerRunningInfoShape);
