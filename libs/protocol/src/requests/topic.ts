import { groupListBody, singleTopicConfigBody, topicConfigTableBody, topicStatsBody } from '../bodies/index.js';
import { request, unsupported, type Row } from '../declaration.js';
import { bool, int, text } from '../field.js';

export const updateAndCreateTopic = request('UPDATE_AND_CREATE_TOPIC', {
  code: 17,
  server: 'broker',
  note: 'Makes a topic or changes it.',
  headerClass: 'CreateTopicRequestHeader',
  header: {
    topic: text(),
    defaultTopic: text(),
    readQueueNums: int(),
    writeQueueNums: int(),
    /** Bits: see Permission. */
    perm: int(),
    /** SINGLE_TAG or MULTI_TAG. */
    topicFilterType: text(),
    topicSysFlag: int().optional(),
    order: bool().or(false),
    /** "+key=value,-key", since 5.0. */
    attributes: text().optional(),
    force: bool().optional(),
  },
  access: [{ resource: 'topic', field: 'topic', action: 'CREATE' }],
});

export const getAllTopicConfig = request('GET_ALL_TOPIC_CONFIG', {
  code: 21,
  server: 'broker',
  note: 'All topics of a broker with their table version.',
  replyBody: topicConfigTableBody,
  access: [{ resource: 'cluster', action: 'LIST' }],
});

export const getTopicStatsInfo = request('GET_TOPIC_STATS_INFO', {
  code: 202,
  server: 'broker',
  note: 'Smallest and largest offset and last store time of each queue of a topic.',
  headerClass: 'GetTopicStatsInfoRequestHeader',
  header: { topic: text() },
  replyBody: topicStatsBody,
  access: [{ resource: 'topic', field: 'topic', action: 'GET' }],
});

export const deleteTopicInBroker = request('DELETE_TOPIC_IN_BROKER', {
  code: 215,
  server: 'broker',
  note: 'Removes a topic and its queues from a broker.',
  headerClass: 'DeleteTopicRequestHeader',
  header: { topic: text() },
  access: [{ resource: 'topic', field: 'topic', action: 'DELETE' }],
});

export const queryTopicConsumeByWho = request('QUERY_TOPIC_CONSUME_BY_WHO', {
  code: 300,
  server: 'broker',
  note: 'Groups that subscribe to a topic or have committed offsets in it.',
  headerClass: 'QueryTopicConsumeByWhoRequestHeader',
  header: { topic: text() },
  replyBody: groupListBody,
  access: [{ resource: 'topic', field: 'topic', action: 'GET' }],
});

export const getTopicConfig = request('GET_TOPIC_CONFIG', {
  code: 351,
  server: 'broker',
  note: 'One topic of a broker.',
  headerClass: 'GetTopicConfigRequestHeader',
  header: { topic: text() },
  replyBody: singleTopicConfigBody,
  access: [{ resource: 'topic', field: 'topic', action: 'GET' }],
});

export const cleanUnusedTopic = request('CLEAN_UNUSED_TOPIC', {
  code: 316,
  server: 'broker',
  note: 'Removes the queues of topics that the broker does not know.',
  access: [{ resource: 'cluster', action: 'UPDATE' }],
});

export const topicRequests: readonly Row[] = [
  updateAndCreateTopic,
  getAllTopicConfig,
  getTopicStatsInfo,
  deleteTopicInBroker,
  queryTopicConsumeByWho,
  cleanUnusedTopic,
  getTopicConfig,
  unsupported('UPDATE_AND_CREATE_TOPIC_LIST', 18, 'broker', 'topics are made one by one: UPDATE_AND_CREATE_TOPIC'),
  unsupported('GET_TOPIC_CONFIG_LIST', 22, 'broker', 'no version of Apache serves or sends it'),
  unsupported('GET_TOPIC_NAME_LIST', 23, 'broker', 'no version of Apache serves or sends it'),
  unsupported('GET_SYSTEM_TOPIC_LIST_FROM_BROKER', 305, 'broker', 'system topics are in GET_ALL_TOPIC_CONFIG'),
  unsupported('UPDATE_AND_CREATE_STATIC_TOPIC', 513, 'broker', 'static topics (queue mapping across brokers)'),
];
