import {
  consumeTimeSpanBody,
  consumerStatusBody,
  correctionOffsetsBody,
  optionalBody,
  resetOffsetsBody,
} from '../bodies/index.js';
import { request, type Row } from '../declaration.js';
import { bool, int, long, text } from '../field.js';

const resetHeader = {
  topic: text(),
  group: text(),
  /** Since 5.0: one queue only; -1 = all. */
  queueId: int().optional(),
  /** Since 5.0: where to; absent = by time. */
  offset: long().optional(),
  /** Milliseconds since the epoch; -1 = the end. */
  timestamp: long(),
  /** Also forwards: an offset that is further than the group's. */
  isForce: bool(),
  bname: text().optional(),
};

export const resetConsumerClientOffset = request('RESET_CONSUMER_CLIENT_OFFSET', {
  code: 220,
  server: 'client',
  note: 'One-way: a consumer drops the queues named in the body and goes on at their new offsets.',
  headerClass: 'ResetOffsetRequestHeader',
  header: resetHeader,
  requestBody: resetOffsetsBody,
});

export const invokeBrokerToResetOffset = request('INVOKE_BROKER_TO_RESET_OFFSET', {
  code: 222,
  server: 'broker',
  note: 'Sets the offsets of a group in a topic by time, and tells its members; 206 when none is online.',
  headerClass: 'ResetOffsetRequestHeader',
  header: resetHeader,
  replyBody: optionalBody(resetOffsetsBody),
  access: [{ resource: 'group', field: 'group', action: 'UPDATE' }],
});

const statusHeader = {
  topic: text(),
  group: text(),
  /** Client id; absent = all members. */
  clientAddr: text().optional(),
  bname: text().optional(),
};

export const getConsumerStatusFromClient = request('GET_CONSUMER_STATUS_FROM_CLIENT', {
  code: 221,
  server: 'client',
  note: 'Offsets of a topic as a consumer knows them.',
  headerClass: 'GetConsumerStatusRequestHeader',
  header: statusHeader,
  replyBody: consumerStatusBody,
});

export const invokeBrokerToGetConsumerStatus = request('INVOKE_BROKER_TO_GET_CONSUMER_STATUS', {
  code: 223,
  server: 'broker',
  note: 'Offsets of a topic as the members of a group know them, by client id; the broker asks each.',
  headerClass: 'GetConsumerStatusRequestHeader',
  header: statusHeader,
  replyBody: consumerStatusBody,
  access: [{ resource: 'group', field: 'group', action: 'GET' }],
});

export const queryConsumeTimeSpan = request('QUERY_CONSUME_TIME_SPAN', {
  code: 303,
  server: 'broker',
  note: 'Store times of the first, the last and the next message of a group in each queue of a topic.',
  headerClass: 'QueryConsumeTimeSpanRequestHeader',
  header: { topic: text(), group: text(), bname: text().optional() },
  replyBody: consumeTimeSpanBody,
  access: [{ resource: 'group', field: 'group', action: 'GET' }],
});

export const queryCorrectionOffset = request('QUERY_CORRECTION_OFFSET', {
  code: 308,
  server: 'broker',
  note: 'Smallest offset of all groups of a topic but the filtered ones, in each queue where it is ahead of a group. A pure read.',
  headerClass: 'QueryCorrectionOffsetHeader',
  header: {
    /** Group names with "," between. */
    filterGroups: text().optional(),
    compareGroup: text(),
    topic: text(),
    bname: text().optional(),
  },
  replyBody: correctionOffsetsBody,
  access: [{ resource: 'topic', field: 'topic', action: 'GET' }],
});

export const cloneGroupOffset = request('CLONE_GROUP_OFFSET', {
  code: 314,
  server: 'broker',
  note: 'Gives a group the offsets of another, in one topic or all.',
  headerClass: 'CloneGroupOffsetRequestHeader',
  header: {
    srcGroup: text(),
    destGroup: text(),
    topic: text().optional(),
    offline: bool().or(false),
    bname: text().optional(),
  },
  access: [{ resource: 'group', field: 'destGroup', action: 'UPDATE' }],
});

export const groupOffsetRequests: readonly Row[] = [
  resetConsumerClientOffset,
  invokeBrokerToResetOffset,
  getConsumerStatusFromClient,
  invokeBrokerToGetConsumerStatus,
  queryConsumeTimeSpan,
  queryCorrectionOffset,
  cloneGroupOffset,
];
