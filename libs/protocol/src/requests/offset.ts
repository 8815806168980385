import { request, unsupported, type Row } from '../declaration.js';
import { bool, int, long, text } from '../field.js';

const queue = { topic: text(), queueId: int() };

const groupAccess = [
  { resource: 'topic', field: 'topic', action: 'SUB' },
  { resource: 'group', field: 'consumerGroup', action: 'SUB' },
] as const;

const topicAccess = [{ resource: 'topic', field: 'topic', action: 'GET' }] as const;

export const queryConsumerOffset = request('QUERY_CONSUMER_OFFSET', {
  code: 14,
  server: 'broker',
  note: 'Committed offset of a group in a queue; 22 when there is none.',
  headerClass: 'QueryConsumerOffsetRequestHeader',
  header: {
    consumerGroup: text(),
    ...queue,
    setZeroIfNotFound: bool().optional(),
    bname: text().optional(),
  },
  replyClass: 'QueryConsumerOffsetResponseHeader',
  reply: { offset: long() },
  access: groupAccess,
});

export const updateConsumerOffset = request('UPDATE_CONSUMER_OFFSET', {
  code: 15,
  server: 'broker',
  note: 'Commits the offset of a group in a queue; mostly one-way.',
  headerClass: 'UpdateConsumerOffsetRequestHeader',
  header: { consumerGroup: text(), ...queue, commitOffset: long(), bname: text().optional() },
  access: groupAccess,
});

export const searchOffsetByTimestamp = request('SEARCH_OFFSET_BY_TIMESTAMP', {
  code: 29,
  server: 'broker',
  note: 'Offset of the first message stored at a time or later.',
  headerClass: 'SearchOffsetRequestHeader',
  header: {
    ...queue,
    timestamp: long(),
    /** LOWER (default) or UPPER, since 5.0. */
    boundaryType: text().optional(),
    bname: text().optional(),
  },
  replyClass: 'SearchOffsetResponseHeader',
  reply: { offset: long() },
  access: topicAccess,
});

export const getMaxOffset = request('GET_MAX_OFFSET', {
  code: 30,
  server: 'broker',
  note: 'Offset that the next message of a queue will get.',
  headerClass: 'GetMaxOffsetRequestHeader',
  header: {
    ...queue,
    /** Since 5.0; absent means true. */
    committed: bool().optional(),
    bname: text().optional(),
  },
  replyClass: 'GetMaxOffsetResponseHeader',
  reply: { offset: long() },
  access: topicAccess,
});

export const getMinOffset = request('GET_MIN_OFFSET', {
  code: 31,
  server: 'broker',
  note: 'Offset of the oldest message of a queue.',
  headerClass: 'GetMinOffsetRequestHeader',
  header: { ...queue, bname: text().optional() },
  replyClass: 'GetMinOffsetResponseHeader',
  reply: { offset: long() },
  access: topicAccess,
});

export const getEarliestMsgStoretime = request('GET_EARLIEST_MSG_STORETIME', {
  code: 32,
  server: 'broker',
  note: 'Store time of the oldest message of a queue, in milliseconds.',
  headerClass: 'GetEarliestMsgStoretimeRequestHeader',
  header: { ...queue, bname: text().optional() },
  replyClass: 'GetEarliestMsgStoretimeResponseHeader',
  reply: { timestamp: long() },
  access: topicAccess,
});

export const offsetRequests: readonly Row[] = [
  queryConsumerOffset,
  updateConsumerOffset,
  searchOffsetByTimestamp,
  getMaxOffset,
  getMinOffset,
  getEarliestMsgStoretime,
  unsupported('QUERY_BROKER_OFFSET', 13, 'broker', 'no version of Apache serves or sends it'),
  unsupported('RESET_CONSUMER_OFFSET_IN_CONSUMER', 211, 'client', 'no version of Apache serves or sends it'),
  unsupported('RESET_CONSUMER_OFFSET_IN_BROKER', 212, 'broker', 'no version of Apache serves or sends it'),
];
