import {
  jsonBean,
  jsonBool,
  jsonEnum,
  jsonInt,
  jsonLong,
  jsonMap,
  jsonText,
  optional,
  or,
  type ShapeType,
} from '../fastjson/index.js';
import { jsonBody } from './json-body.js';

/** Two versions of a table are the same when all members are. `stateVersion` is known since 5.0 only. */
export const dataVersionShape = jsonBean({
  counter: jsonLong,
  stateVersion: optional(jsonLong),
  timestamp: jsonLong,
});

export type DataVersion = ShapeType<typeof dataVersionShape>;

export const dataVersionBody = jsonBody('DataVersion', dataVersionShape);

export const topicFilterTypes = ['SINGLE_TAG', 'MULTI_TAG'] as const;
export type TopicFilterType = (typeof topicFilterTypes)[number];

const topicConfigMembers = {
  /** Since 5.0. */
  attributes: optional(jsonMap(jsonText, jsonText)),
  order: jsonBool,
  /** Bits: see Permission. */
  perm: or(jsonInt, () => 6),
  readQueueNums: or(jsonInt, () => 16),
  topicFilterType: or(jsonEnum(topicFilterTypes), () => 'SINGLE_TAG' as const),
  topicName: jsonText,
  /** Bits: see TopicSysFlag. */
  topicSysFlag: jsonInt,
  writeQueueNums: or(jsonInt, () => 16),
};

export const topicConfigShape = jsonBean(topicConfigMembers);

export type TopicConfig = ShapeType<typeof topicConfigShape>;

/** All topics of a broker: reply of GET_ALL_TOPIC_CONFIG and the file topics.json. */
export const topicConfigTableShape = jsonBean({
  dataVersion: or(dataVersionShape, (): DataVersion => ({ counter: 0, timestamp: 0 })),
  topicConfigTable: jsonMap(jsonText, topicConfigShape),
});

export type TopicConfigTable = ShapeType<typeof topicConfigTableShape>;

export const topicConfigTableBody = jsonBody('TopicConfigSerializeWrapper', topicConfigTableShape);

/** Reply of GET_TOPIC_CONFIG; without static topics there is no mapping in it. */
export const singleTopicConfigBody = jsonBody('TopicConfigAndQueueMapping', topicConfigShape);
