import { jsonBean, jsonList, jsonText, optional, type ShapeType } from '../fastjson/index.js';
import { jsonBody } from './json-body.js';

export const topicListShape = jsonBean({
  /** Only in the reply of GET_SYSTEM_TOPIC_LIST_FROM_NS: any broker's address, to ask it for its own. */
  brokerAddr: optional(jsonText),
  topicList: jsonList(jsonText),
});

export type TopicList = ShapeType<typeof topicListShape>;

export const topicListBody = jsonBody('TopicList', topicListShape);

export const groupListShape = jsonBean({ groupList: jsonList(jsonText) });

export type GroupList = ShapeType<typeof groupListShape>;

export const groupListBody = jsonBody('GroupList', groupListShape);

export const consumerIdListShape = jsonBean({ consumerIdList: jsonList(jsonText) });

export type ConsumerIdList = ShapeType<typeof consumerIdListShape>;

export const consumerIdListBody = jsonBody('GetConsumerListByGroupResponseBody', consumerIdListShape);
