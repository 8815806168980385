import { jsonBean, jsonList, jsonLong, type ShapeType } from '../fastjson/index.js';
import { jsonBody } from './json-body.js';
import { messageQueueShape } from './message-queue.js';

/** Store times of a queue's first and last message and of the next one to consume: milliseconds since the epoch, -1 = none. */
export const queueTimeSpanShape = jsonBean({
  consumeTimeStamp: jsonLong,
  /** How long ago the next one to consume was stored; 0 when all are consumed. */
  delayTime: jsonLong,
  maxTimeStamp: jsonLong,
  messageQueue: messageQueueShape,
  minTimeStamp: jsonLong,
});

export type QueueTimeSpan = ShapeType<typeof queueTimeSpanShape>;

export const consumeTimeSpanBody = jsonBody(
  'QueryConsumeTimeSpanBody',
  jsonBean({ consumeTimeSpanSet: jsonList(queueTimeSpanShape) }),
);
