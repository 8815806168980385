import { clusterInfoBody, optionalBody, topicListBody, topicRouteBody } from '../bodies/index.js';
import { request, type Row } from '../declaration.js';
import { bool, int, text } from '../field.js';

const listAccess = [{ resource: 'cluster', action: 'LIST' }] as const;
const topicAccess = [{ resource: 'topic', field: 'topic', action: 'UPDATE' }] as const;
const clusterAccess = [{ resource: 'cluster', action: 'UPDATE' }] as const;

export const getRouteinfoByTopic = request('GET_ROUTEINFO_BY_TOPIC', {
  code: 105,
  server: 'namesrv',
  note: 'Brokers and queues of a topic; standard JSON for clients since 4.9.4.',
  headerClass: 'GetRouteInfoRequestHeader',
  header: { topic: text(), acceptStandardJsonOnly: bool().optional() },
  replyBody: topicRouteBody,
  access: [{ resource: 'topic', field: 'topic', action: 'GET' }],
});

export const getBrokerClusterInfo = request('GET_BROKER_CLUSTER_INFO', {
  code: 106,
  server: 'namesrv',
  note: 'All brokers, by name and by cluster.',
  replyBody: clusterInfoBody,
  access: listAccess,
});

export const wipeWritePermOfBroker = request('WIPE_WRITE_PERM_OF_BROKER', {
  code: 205,
  server: 'namesrv',
  note: 'Closes the topics of a broker to senders.',
  headerClass: 'WipeWritePermOfBrokerRequestHeader',
  header: { brokerName: text() },
  replyClass: 'WipeWritePermOfBrokerResponseHeader',
  reply: { wipeTopicCount: int() },
  access: clusterAccess,
});

export const addWritePermOfBroker = request('ADD_WRITE_PERM_OF_BROKER', {
  code: 327,
  server: 'namesrv',
  note: 'Opens the topics of a broker to senders: permission 6.',
  headerClass: 'AddWritePermOfBrokerRequestHeader',
  header: { brokerName: text() },
  replyClass: 'AddWritePermOfBrokerResponseHeader',
  reply: { addTopicCount: int() },
  access: clusterAccess,
});

export const getAllTopicListFromNameserver = request('GET_ALL_TOPIC_LIST_FROM_NAMESERVER', {
  code: 206,
  server: 'namesrv',
  note: 'Names of all topics.',
  replyBody: topicListBody,
  access: listAccess,
});

export const deleteTopicInNamesrv = request('DELETE_TOPIC_IN_NAMESRV', {
  code: 216,
  server: 'namesrv',
  note: 'Forgets a topic, in one cluster or in all.',
  headerClass: 'DeleteTopicFromNamesrvRequestHeader',
  header: { topic: text(), clusterName: text().optional() },
  access: topicAccess,
});

export const registerTopicInNamesrv = request('REGISTER_TOPIC_IN_NAMESRV', {
  code: 217,
  server: 'namesrv',
  note: 'Adds queues of one topic; since 5.0.',
  headerClass: 'RegisterTopicRequestHeader',
  header: { topic: text() },
  requestBody: optionalBody(topicRouteBody),
  access: topicAccess,
});

export const getTopicsByCluster = request('GET_TOPICS_BY_CLUSTER', {
  code: 224,
  server: 'namesrv',
  note: 'Names of the topics in a cluster.',
  headerClass: 'GetTopicsByClusterRequestHeader',
  header: { cluster: text() },
  replyBody: topicListBody,
  access: [{ resource: 'cluster', field: 'cluster', action: 'LIST' }],
});

export const getSystemTopicListFromNs = request('GET_SYSTEM_TOPIC_LIST_FROM_NS', {
  code: 304,
  server: 'namesrv',
  note: 'Names of clusters and brokers (each is a topic), and a broker to ask for more.',
  replyBody: topicListBody,
  access: listAccess,
});

export const getUnitTopicList = request('GET_UNIT_TOPIC_LIST', {
  code: 311,
  server: 'namesrv',
  note: 'Names of unit topics.',
  replyBody: topicListBody,
  access: listAccess,
});

export const getHasUnitSubTopicList = request('GET_HAS_UNIT_SUB_TOPIC_LIST', {
  code: 312,
  server: 'namesrv',
  note: 'Names of topics with unit subscriptions.',
  replyBody: topicListBody,
  access: listAccess,
});

export const getHasUnitSubUnunitTopicList = request('GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST', {
  code: 313,
  server: 'namesrv',
  note: 'Names of topics with unit subscriptions that are no unit topics.',
  replyBody: topicListBody,
  access: listAccess,
});

export const routeRequests: readonly Row[] = [
  getRouteinfoByTopic,
  getBrokerClusterInfo,
  wipeWritePermOfBroker,
  addWritePermOfBroker,
  getAllTopicListFromNameserver,
  deleteTopicInNamesrv,
  registerTopicInNamesrv,
  getTopicsByCluster,
  getSystemTopicListFromNs,
  getUnitTopicList,
  getHasUnitSubTopicList,
  getHasUnitSubUnunitTopicList,
];
