import {
  bytesBody,
  checkClientRequestBody,
  consumerConnectionBody,
  consumerIdListBody,
  consumerRunningInfoBody,
  heartbeatBody,
  producerConnectionBody,
} from '../bodies/index.js';
import { request, unsupported, type Row } from '../declaration.js';
import { bool, int, text } from '../field.js';

export const heartBeat = request('HEART_BEAT', {
  code: 34,
  server: 'broker',
  note: 'What a client produces and consumes; keeps it registered.',
  requestBody: heartbeatBody,
});

export const unregisterClient = request('UNREGISTER_CLIENT', {
  code: 35,
  server: 'broker',
  note: 'A client leaves a producer group, a consumer group, or both.',
  headerClass: 'UnregisterClientRequestHeader',
  header: { clientID: text(), producerGroup: text().optional(), consumerGroup: text().optional() },
});

export const getConsumerListByGroup = request('GET_CONSUMER_LIST_BY_GROUP', {
  code: 38,
  server: 'broker',
  note: 'Client ids of a consumer group; code 1 when it has none.',
  headerClass: 'GetConsumerListByGroupRequestHeader',
  header: { consumerGroup: text(), bname: text().optional() },
  replyBody: consumerIdListBody,
  access: [{ resource: 'group', field: 'consumerGroup', action: 'SUB' }],
});

export const notifyConsumerIdsChanged = request('NOTIFY_CONSUMER_IDS_CHANGED', {
  code: 40,
  server: 'client',
  note: 'One-way: members of a consumer group came or went.',
  headerClass: 'NotifyConsumerIdsChangedRequestHeader',
  header: { consumerGroup: text() },
});

export const checkClientConfig = request('CHECK_CLIENT_CONFIG', {
  code: 46,
  server: 'broker',
  note: 'Whether the broker can filter by a subscription; code 23 says what is wrong with its expression.',
  requestBody: checkClientRequestBody,
});

export const registerMessageFilterClass = request('REGISTER_MESSAGE_FILTER_CLASS', {
  code: 302,
  server: 'broker',
  note: 'A consumer of 4.9 uploads a filter in Java. Refused with code 3: no code of clients is ever run.',
  headerClass: 'RegisterMessageFilterClassRequestHeader',
  header: { consumerGroup: text(), topic: text(), className: text(), classCRC: int() },
  requestBody: bytesBody,
});

export const getConsumerConnectionList = request('GET_CONSUMER_CONNECTION_LIST', {
  code: 203,
  server: 'broker',
  note: 'Connections and subscriptions of a consumer group; 206 when nobody is online.',
  headerClass: 'GetConsumerConnectionListRequestHeader',
  header: { consumerGroup: text() },
  replyBody: consumerConnectionBody,
  access: [{ resource: 'group', field: 'consumerGroup', action: 'GET' }],
});

export const getProducerConnectionList = request('GET_PRODUCER_CONNECTION_LIST', {
  code: 204,
  server: 'broker',
  note: 'Connections of a producer group.',
  headerClass: 'GetProducerConnectionListRequestHeader',
  header: { producerGroup: text() },
  replyBody: producerConnectionBody,
  access: [{ resource: 'group', field: 'producerGroup', action: 'GET' }],
});

export const getConsumerRunningInfo = request('GET_CONSUMER_RUNNING_INFO', {
  code: 307,
  server: ['broker', 'client'],
  note: 'Queues, subscriptions and rates of one consumer; a broker passes it on to the client.',
  headerClass: 'GetConsumerRunningInfoRequestHeader',
  header: { consumerGroup: text(), clientId: text(), jstackEnable: bool().or(false) },
  replyBody: consumerRunningInfoBody,
  access: [{ resource: 'group', field: 'consumerGroup', action: 'GET' }],
});

const filterServer = 'filter servers were removed from Apache; a broker here runs the filters of its host itself';

export const clientRequests: readonly Row[] = [
  heartBeat,
  unregisterClient,
  getConsumerListByGroup,
  notifyConsumerIdsChanged,
  getConsumerConnectionList,
  getProducerConnectionList,
  getConsumerRunningInfo,
  checkClientConfig,
  registerMessageFilterClass,
  unsupported('GET_CLIENT_CONFIG', 47, 'client', 'no version of Apache sends it'),
  unsupported('SUSPEND_CONSUMER', 209, 'client', 'no version of Apache serves or sends it'),
  unsupported('RESUME_CONSUMER', 210, 'client', 'no version of Apache serves or sends it'),
  unsupported('ADJUST_CONSUMER_THREAD_POOL', 213, 'client', 'no version of Apache serves or sends it'),
  unsupported('WHO_CONSUME_THE_MESSAGE', 214, 'broker', 'no version of Apache serves or sends it'),
  unsupported('REGISTER_FILTER_SERVER', 301, 'broker', filterServer),
  unsupported('GET_ALL_PRODUCER_INFO', 328, 'broker', 'producers are listed by group: GET_PRODUCER_CONNECTION_LIST'),
];
