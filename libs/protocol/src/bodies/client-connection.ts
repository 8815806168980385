import {
  jsonBean,
  jsonEnum,
  jsonInt,
  jsonList,
  jsonMap,
  jsonText,
  optional,
  or,
  type ShapeType,
} from '../fastjson/index.js';
import { languageNames } from '../language-code.js';
import { consumeFromWheres, consumeTypes, messageModels, subscriptionDataShape } from './heartbeat.js';
import { jsonBody } from './json-body.js';

export const clientConnectionShape = jsonBean({
  /** "ip:port" as the broker sees it. */
  clientAddr: jsonText,
  clientId: jsonText,
  language: or(jsonEnum(languageNames), () => 'OTHER' as const),
  /** MQVersion ordinal. */
  version: jsonInt,
});

export type ClientConnection = ShapeType<typeof clientConnectionShape>;

export const consumerConnectionShape = jsonBean({
  connectionSet: jsonList(clientConnectionShape),
  consumeFromWhere: optional(jsonEnum(consumeFromWheres)),
  consumeType: optional(jsonEnum(consumeTypes)),
  messageModel: optional(jsonEnum(messageModels)),
  /** By topic. */
  subscriptionTable: jsonMap(jsonText, subscriptionDataShape),
});

export type ConsumerConnection = ShapeType<typeof consumerConnectionShape>;

export const consumerConnectionBody = jsonBody('ConsumerConnection', consumerConnectionShape);

export const producerConnectionShape = jsonBean({ connectionSet: jsonList(clientConnectionShape) });

export type ProducerConnection = ShapeType<typeof producerConnectionShape>;

export const producerConnectionBody = jsonBody('ProducerConnection', producerConnectionShape);
