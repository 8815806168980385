import { jsonBean, jsonList, jsonLong, jsonText, optional, type ShapeType } from '../fastjson/index.js';
import { jsonBody } from './json-body.js';
import { messageQueueShape } from './message-queue.js';

/** Store times of a queue's first and last message and of the next one to consume: milliseconds since the epoch, -1 = none. */
export const queueTimeSpanShape = jsonBean({
  consumeTimeStamp: jsonLong,
  /** These in local time, for people. */
  consumeTimeStampStr: optional(jsonText),
  /** How long ago the next one to consume was stored; 0 when all are consumed. */
  delayTime: jsonLong,
  maxTimeStamp: jsonLong,
  maxTimeStampStr: optional(jsonText),
  messageQueue: messageQueueShape,
  minTimeStamp: jsonLong,
  minTimeStampStr: optional(jsonText),
});

export type QueueTimeSpan = ShapeType<typeof queueTimeSpanShape>;

export const consumeTimeSpanBody = jsonBody(
  'QueryConsumeTimeSpanBody',
  jsonBean({ consumeTimeSpanSet: jsonList(queueTimeSpanShape) }),
);
