import {
  jsonBean,
  jsonBool,
  jsonInt,
  jsonList,
  jsonLong,
  jsonText,
  optional,
  type ShapeType,
} from '../fastjson/index.js';
import { subscriptionDataShape } from './heartbeat.js';
import { jsonBody } from './json-body.js';

/** An entry of a consume queue (Java's ConsumeQueueData). */
export const consumeQueueEntryShape = jsonBean({
  /** Bits of the filters that take the message, where queues are extended. */
  bitMap: optional(jsonText),
  /** Whether the filter of the group asked for takes it; told where queues are extended. */
  eval: jsonBool,
  extendDataJson: optional(jsonText),
  msg: optional(jsonText),
  physicOffset: jsonLong,
  physicSize: jsonInt,
  tagsCode: jsonLong,
});

export type ConsumeQueueEntry = ShapeType<typeof consumeQueueEntryShape>;

export const queryConsumeQueueShape = jsonBean({
  /** What the broker knows of the group's filter, or that the group is not online. */
  filterData: optional(jsonText),
  maxQueueIndex: jsonLong,
  minQueueIndex: jsonLong,
  queueData: optional(jsonList(consumeQueueEntryShape)),
  subscriptionData: optional(subscriptionDataShape),
});

export type QueryConsumeQueue = ShapeType<typeof queryConsumeQueueShape>;

export const queryConsumeQueueBody = jsonBody('QueryConsumeQueueResponseBody', queryConsumeQueueShape);
