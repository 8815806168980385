import {
  jsonBean,
  jsonBool,
  jsonEnum,
  jsonInt,
  jsonList,
  jsonLong,
  jsonMap,
  jsonText,
  optional,
  or,
  type ShapeType,
} from '../fastjson/index.js';
import { subscriptionDataShape } from './heartbeat.js';
import { jsonBody } from './json-body.js';
import { dataVersionShape, type DataVersion } from './topic-config.js';

/** Since 5.0: pauses before redelivery, milliseconds. */
export const groupRetryPolicyShape = jsonBean({
  customizedRetryPolicy: optional(jsonBean({ next: jsonList(jsonLong) })),
  exponentialRetryPolicy: optional(jsonBean({ initial: jsonLong, max: jsonLong, multiplier: jsonLong })),
  type: or(jsonEnum(['EXPONENTIAL', 'CUSTOMIZED']), () => 'CUSTOMIZED' as const),
});

export const simpleSubscriptionDataShape = jsonBean({
  expression: optional(jsonText),
  expressionType: optional(jsonText),
  topic: jsonText,
  version: jsonLong,
});

/** Defaults are Java's. Optional members are known since 5.0 only. */
export const subscriptionGroupConfigShape = jsonBean({
  attributes: optional(jsonMap(jsonText, jsonText)),
  brokerId: jsonLong,
  consumeBroadcastEnable: or(jsonBool, () => true),
  consumeEnable: or(jsonBool, () => true),
  consumeFromMinEnable: or(jsonBool, () => true),
  consumeMessageOrderly: optional(jsonBool),
  consumeTimeoutMinute: optional(jsonInt),
  groupName: jsonText,
  groupRetryPolicy: optional(groupRetryPolicyShape),
  groupSysFlag: optional(jsonInt),
  notifyConsumerIdsChangedEnable: or(jsonBool, () => true),
  retryMaxTimes: or(jsonInt, () => 16),
  retryQueueNums: or(jsonInt, () => 1),
  subscriptionDataSet: optional(jsonList(simpleSubscriptionDataShape)),
  whichBrokerWhenConsumeSlowly: or(jsonLong, () => 1),
});

export type SubscriptionGroupConfig = ShapeType<typeof subscriptionGroupConfigShape>;

export const subscriptionGroupConfigBody = jsonBody('SubscriptionGroupConfig', subscriptionGroupConfigShape);

/** All groups of a broker: reply of GET_ALL_SUBSCRIPTIONGROUP_CONFIG and the file subscriptionGroup.json. */
export const subscriptionGroupTableShape = jsonBean({
  dataVersion: or(dataVersionShape, (): DataVersion => ({ counter: 0, timestamp: 0 })),
  /** Since 5.0: group to topic to forbidden bits. */
  forbiddenTable: optional(jsonMap(jsonText, jsonMap(jsonText, jsonInt))),
  subscriptionGroupTable: jsonMap(jsonText, subscriptionGroupConfigShape),
});

export type SubscriptionGroupTable = ShapeType<typeof subscriptionGroupTableShape>;

export const subscriptionGroupTableBody = jsonBody('SubscriptionGroupWrapper', subscriptionGroupTableShape);

/** What a group subscribes to in a topic. */
export const groupSubscriptionShape = jsonBean({
  group: jsonText,
  subscriptionData: optional(subscriptionDataShape),
  topic: optional(jsonText),
});

export const groupSubscriptionBody = jsonBody('QuerySubscriptionResponseBody', groupSubscriptionShape);
