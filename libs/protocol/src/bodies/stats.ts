import { jsonBean, jsonDouble, jsonLong, jsonPairs, optional, type ShapeType } from '../fastjson/index.js';
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
