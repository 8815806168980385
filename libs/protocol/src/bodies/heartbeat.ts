import {
  jsonBean,
  jsonBool,
  jsonEnum,
  jsonInt,
  jsonList,
  jsonLong,
  jsonText,
  optional,
  or,
  type ShapeType,
} from '../fastjson/index.js';
import { jsonBody } from './json-body.js';

export const consumeTypes = ['CONSUME_ACTIVELY', 'CONSUME_PASSIVELY', 'CONSUME_POP'] as const;
export type ConsumeType = (typeof consumeTypes)[number];

export const messageModels = ['BROADCASTING', 'CLUSTERING'] as const;
export type MessageModelName = (typeof messageModels)[number];

// prettier-ignore
export const consumeFromWheres = [
  'CONSUME_FROM_LAST_OFFSET', 'CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST', 'CONSUME_FROM_MIN_OFFSET',
  'CONSUME_FROM_MAX_OFFSET', 'CONSUME_FROM_FIRST_OFFSET', 'CONSUME_FROM_TIMESTAMP',
] as const;
export type ConsumeFromWhereName = (typeof consumeFromWheres)[number];

export const ExpressionType = { TAG: 'TAG', SQL92: 'SQL92' } as const;

export const subscriptionDataShape = jsonBean({
  classFilterMode: jsonBool,
  /** Hash codes of the tags. */
  codeSet: jsonList(jsonInt),
  /** ExpressionType; absent means TAG. */
  expressionType: or(jsonText, () => ExpressionType.TAG),
  subString: jsonText,
  /** Milliseconds: a later subscription to the same topic is newer. */
  subVersion: jsonLong,
  tagsSet: jsonList(jsonText),
  topic: jsonText,
});

export type SubscriptionData = ShapeType<typeof subscriptionDataShape>;

export const consumerDataShape = jsonBean({
  consumeFromWhere: or(jsonEnum(consumeFromWheres), () => 'CONSUME_FROM_LAST_OFFSET' as const),
  consumeType: or(jsonEnum(consumeTypes), () => 'CONSUME_PASSIVELY' as const),
  groupName: jsonText,
  messageModel: or(jsonEnum(messageModels), () => 'CLUSTERING' as const),
  subscriptionDataSet: jsonList(subscriptionDataShape),
  unitMode: jsonBool,
});

export type ConsumerData = ShapeType<typeof consumerDataShape>;

export const heartbeatShape = jsonBean({
  clientID: jsonText,
  consumerDataSet: jsonList(consumerDataShape),
  /** Since 5.1: hash of the subscriptions; 0 = heartbeats of the first kind. */
  heartbeatFingerprint: optional(jsonInt),
  producerDataSet: jsonList(jsonBean({ groupName: jsonText })),
  /** Since 5.1: subscriptions are left out because the broker knows them by the fingerprint. */
  withoutSub: optional(jsonBool),
});

export type Heartbeat = ShapeType<typeof heartbeatShape>;

export const heartbeatBody = jsonBody('HeartbeatData', heartbeatShape);
