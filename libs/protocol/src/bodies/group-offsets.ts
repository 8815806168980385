import {
  jsonBean,
  jsonInt,
  jsonList,
  jsonLong,
  jsonMap,
  jsonPairs,
  jsonText,
  type ShapeType,
} from '../fastjson/index.js';
import { jsonBody } from './json-body.js';
import { messageQueueShape } from './message-queue.js';

/** New offsets of a group, by queue. */
export const resetOffsetsShape = jsonBean({ offsetTable: jsonPairs(messageQueueShape, jsonLong) });

export type ResetOffsets = ShapeType<typeof resetOffsetsShape>;

export const resetOffsetsBody = jsonBody('ResetOffsetBody', resetOffsetsShape);

/** The same for clients in C++, which cannot read a map with queues as keys. */
export const resetOffsetsForCppShape = jsonBean({
  offsetTable: jsonList(jsonBean({ brokerName: jsonText, offset: jsonLong, queueId: jsonInt, topic: jsonText })),
});

export const resetOffsetsForCppBody = jsonBody('ResetOffsetBodyForC', resetOffsetsForCppShape);

/** Offsets as clients know them: a client fills the first table, a broker gathers them by client id in the second. */
export const consumerStatusShape = jsonBean({
  consumerTable: jsonMap(jsonText, jsonPairs(messageQueueShape, jsonLong)),
  messageQueueTable: jsonPairs(messageQueueShape, jsonLong),
});

export type ConsumerStatus = ShapeType<typeof consumerStatusShape>;

export const consumerStatusBody = jsonBody('GetConsumerStatusBody', consumerStatusShape);

/** By queue id. */
export const correctionOffsetsShape = jsonBean({ correctionOffsets: jsonMap(jsonInt, jsonLong) });

export type CorrectionOffsets = ShapeType<typeof correctionOffsetsShape>;

export const correctionOffsetsBody = jsonBody('QueryCorrectionOffsetBody', correctionOffsetsShape);
