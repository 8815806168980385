import {
  jsonBean,
  jsonDouble,
  jsonList,
  jsonLong,
  jsonMap,
  jsonPairs,
  jsonText,
  optional,
  type ShapeType,
} from '../fastjson/index.js';
import { jsonBody } from './json-body.js';
import { messageQueueShape } from './message-queue.js';

export const topicOffsetShape = jsonBean({ lastUpdateTimestamp: jsonLong, maxOffset: jsonLong, minOffset: jsonLong });

export type TopicOffset = ShapeType<typeof topicOffsetShape>;

export const topicStatsShape = jsonBean({
  offsetTable: jsonPairs(messageQueueShape, topicOffsetShape),
  /** Since 5.0. */
  topicPutTps: optional(jsonDouble),
});

export type TopicStats = ShapeType<typeof topicStatsShape>;

export const topicStatsBody = jsonBody('TopicStatsTable', topicStatsShape);

/** How far a group has come in a queue (Java's OffsetWrapper). */
export const queueProgressShape = jsonBean({
  brokerOffset: jsonLong,
  consumerOffset: jsonLong,
  /** Store time of the last message consumed. */
  lastTimestamp: jsonLong,
  /** Since 5.0. */
  pullOffset: optional(jsonLong),
});

export type QueueProgress = ShapeType<typeof queueProgressShape>;

export const consumeStatsShape = jsonBean({
  consumeTps: jsonDouble,
  offsetTable: jsonPairs(messageQueueShape, queueProgressShape),
});

export type ConsumeStats = ShapeType<typeof consumeStatsShape>;

export const consumeStatsBody = jsonBody('ConsumeStats', consumeStatsShape);

/** Consume stats of all groups of a broker: one map of group to its stats (a topic each) in each item. */
export const consumeStatsListShape = jsonBean({
  brokerAddr: optional(jsonText),
  consumeStatsList: jsonList(jsonMap(jsonText, jsonList(consumeStatsShape))),
  /** Messages stored and not consumed. */
  totalDiff: jsonLong,
  /** Since 5.0: of these, pulled and not consumed. */
  totalInflightDiff: optional(jsonLong),
});

export type ConsumeStatsList = ShapeType<typeof consumeStatsListShape>;

export const consumeStatsListBody = jsonBody('ConsumeStatsList', consumeStatsListShape);

/** `tps` a second, `avgpt` per call. */
export const brokerStatsItemShape = jsonBean({ avgpt: jsonDouble, sum: jsonLong, tps: jsonDouble });

export type BrokerStatsItem = ShapeType<typeof brokerStatsItemShape>;

export const brokerStatsShape = jsonBean({
  statsDay: brokerStatsItemShape,
  statsHour: brokerStatsItemShape,
  statsMinute: brokerStatsItemShape,
});

export type BrokerStatsData = ShapeType<typeof brokerStatsShape>;

export const brokerStatsBody = jsonBody('BrokerStatsData', brokerStatsShape);
