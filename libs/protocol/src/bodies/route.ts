import {
  jsonBean,
  jsonBool,
  jsonInt,
  jsonList,
  jsonLong,
  jsonMap,
  jsonText,
  optional,
  type ShapeType,
} from '../fastjson/index.js';
import { MQVersion } from '../version.js';
import type { BodyDialect } from './body-codec.js';
import { jsonBody } from './json-body.js';
import { topicQueueMappingInfoShape } from './register-broker.js';

export const queueDataShape = jsonBean({
  brokerName: jsonText,
  perm: jsonInt,
  readQueueNums: jsonInt,
  topicSysFlag: jsonInt,
  writeQueueNums: jsonInt,
});

export type QueueData = ShapeType<typeof queueDataShape>;

export const brokerDataShape = jsonBean({
  /** Broker id (0 is the master) to "ip:port". */
  brokerAddrs: jsonMap(jsonLong, jsonText),
  brokerName: jsonText,
  cluster: optional(jsonText),
  /** Since 5.0. */
  enableActingMaster: optional(jsonBool),
  zoneName: optional(jsonText),
});

export type BrokerData = ShapeType<typeof brokerDataShape>;

export const topicRouteShape = jsonBean({
  brokerDatas: jsonList(brokerDataShape),
  /** Broker address to its filter servers. Always written: clients older than 4.9 expect it. */
  filterServerTable: jsonMap(jsonText, jsonList(jsonText)),
  /** "brokerA:4;brokerB:4" for topics of ordered messages. */
  orderTopicConf: optional(jsonText),
  queueDatas: jsonList(queueDataShape),
  topicQueueMappingByBroker: optional(jsonMap(jsonText, topicQueueMappingInfoShape)),
});

export type TopicRoute = ShapeType<typeof topicRouteShape>;

/** Clients since 4.9.4 read standard JSON only; older ones count on fastjson's bare keys. */
function routeStyle(dialect: BodyDialect): 'standard' | 'compact' {
  return dialect.standardJson || dialect.peerVersion >= MQVersion.V4_9_4 ? 'standard' : 'compact';
}

export const topicRouteBody = jsonBody('TopicRouteData', topicRouteShape, routeStyle);

export const clusterInfoShape = jsonBean({
  /** By broker name. */
  brokerAddrTable: jsonMap(jsonText, brokerDataShape),
  /** Cluster to broker names. */
  clusterAddrTable: jsonMap(jsonText, jsonList(jsonText)),
});

export type ClusterInfo = ShapeType<typeof clusterInfoShape>;

export const clusterInfoBody = jsonBody('ClusterInfo', clusterInfoShape);
