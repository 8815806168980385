import {
  consumeStatsBody,
  consumeStatsListBody,
  groupSubscriptionBody,
  subscriptionGroupConfigBody,
  subscriptionGroupTableBody,
  topicListBody,
} from '../bodies/index.js';
import { request, unsupported, type Row } from '../declaration.js';
import { bool, text } from '../field.js';

export const updateAndCreateSubscriptiongroup = request('UPDATE_AND_CREATE_SUBSCRIPTIONGROUP', {
  code: 200,
  server: 'broker',
  note: 'Makes a subscription group or changes it.',
  requestBody: subscriptionGroupConfigBody,
  access: [{ resource: 'group', action: 'CREATE' }],
});

export const getAllSubscriptiongroupConfig = request('GET_ALL_SUBSCRIPTIONGROUP_CONFIG', {
  code: 201,
  server: 'broker',
  note: 'All subscription groups of a broker with their table version.',
  replyBody: subscriptionGroupTableBody,
  access: [{ resource: 'cluster', action: 'LIST' }],
});

export const getConsumeStats = request('GET_CONSUME_STATS', {
  code: 208,
  server: 'broker',
  note: 'Offsets of the broker and of a consumer group, for one topic or all of its topics.',
  headerClass: 'GetConsumeStatsRequestHeader',
  header: {
    consumerGroup: text(),
    topic: text().optional(),
    /** Topics with ";" between, since 5.3. */
    topicList: text().optional(),
  },
  replyBody: consumeStatsBody,
  access: [{ resource: 'group', field: 'consumerGroup', action: 'GET' }],
});

export const deleteSubscriptiongroup = request('DELETE_SUBSCRIPTIONGROUP', {
  code: 207,
  server: 'broker',
  note: 'Removes a subscription group, and its offsets when asked to.',
  headerClass: 'DeleteSubscriptionGroupRequestHeader',
  header: {
    groupName: text(),
    /** 5.x's word for it, and 4.9's. */
    cleanOffset: bool().or(false),
    removeOffset: bool().or(false),
    bname: text().optional(),
  },
  access: [{ resource: 'group', field: 'groupName', action: 'DELETE' }],
});

export const getBrokerConsumeStats = request('GET_BROKER_CONSUME_STATS', {
  code: 317,
  server: 'broker',
  note: 'Consume stats of all groups of a broker.',
  headerClass: 'GetConsumeStatsInBrokerHeader',
  header: { isOrder: bool() },
  replyBody: consumeStatsListBody,
  access: [{ resource: 'cluster', action: 'GET' }],
});

export const queryTopicsByConsumer = request('QUERY_TOPICS_BY_CONSUMER', {
  code: 343,
  server: 'broker',
  note: 'Topics in which a group has offsets.',
  headerClass: 'QueryTopicsByConsumerRequestHeader',
  header: { group: text(), bname: text().optional() },
  replyBody: topicListBody,
  access: [{ resource: 'group', field: 'group', action: 'GET' }],
});

export const querySubscriptionByConsumer = request('QUERY_SUBSCRIPTION_BY_CONSUMER', {
  code: 345,
  server: 'broker',
  note: 'Subscription of a group to a topic, as its members last told it; without one when nobody is online.',
  headerClass: 'QuerySubscriptionByConsumerRequestHeader',
  header: { group: text(), topic: text().optional(), bname: text().optional() },
  replyBody: groupSubscriptionBody,
  access: [{ resource: 'group', field: 'group', action: 'GET' }],
});

export const getSubscriptiongroupConfig = request('GET_SUBSCRIPTIONGROUP_CONFIG', {
  code: 352,
  server: 'broker',
  note: 'One subscription group of a broker; 26 when there is none.',
  headerClass: 'GetSubscriptionGroupConfigRequestHeader',
  header: { group: text(), bname: text().optional() },
  replyBody: subscriptionGroupConfigBody,
  access: [{ resource: 'group', field: 'group', action: 'GET' }],
});

export const groupRequests: readonly Row[] = [
  updateAndCreateSubscriptiongroup,
  getAllSubscriptiongroupConfig,
  getConsumeStats,
  deleteSubscriptiongroup,
  unsupported(
    'UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST',
    225,
    'broker',
    'groups are made one by one: UPDATE_AND_CREATE_SUBSCRIPTIONGROUP',
  ),
  getBrokerConsumeStats,
  queryTopicsByConsumer,
  querySubscriptionByConsumer,
  getSubscriptiongroupConfig,
  unsupported(
    'UPDATE_AND_GET_GROUP_FORBIDDEN',
    353,
    'broker',
    'forbidding single groups to read a topic is not served',
  ),
];
