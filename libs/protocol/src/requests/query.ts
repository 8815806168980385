import { bytesBody, optionalBody, queryConsumeQueueBody } from '../bodies/index.js';
import { request, type Row } from '../declaration.js';
import { int, long, text } from '../field.js';

export const queryConsumeQueue = request('QUERY_CONSUME_QUEUE', {
  code: 321,
  server: 'broker',
  note: 'Entries of a consume queue as they stand there; no body when the first one asked for is not there.',
  headerClass: 'QueryConsumeQueueRequestHeader',
  header: {
    topic: text().or(''),
    queueId: int().or(0),
    /** Queue offset of the first entry. */
    index: long().or(0),
    count: int().or(0),
    /** Its subscription is told with the entries. */
    consumerGroup: text().optional(),
  },
  replyBody: optionalBody(queryConsumeQueueBody),
  access: [{ resource: 'topic', field: 'topic', action: 'GET' }],
});

export const queryMessage = request('QUERY_MESSAGE', {
  code: 12,
  server: 'broker',
  note: 'Messages with a key or unique key, stored between two times; 22 when there are none.',
  headerClass: 'QueryMessageRequestHeader',
  header: {
    topic: text(),
    key: text(),
    maxNum: int(),
    beginTimestamp: long(),
    endTimestamp: long(),
    bname: text().optional(),
  },
  replyClass: 'QueryMessageResponseHeader',
  reply: { indexLastUpdateTimestamp: long(), indexLastUpdatePhyoffset: long() },
  replyBody: bytesBody,
  access: [{ resource: 'topic', field: 'topic', action: 'GET' }],
});

export const viewMessageById = request('VIEW_MESSAGE_BY_ID', {
  code: 33,
  server: 'broker',
  note: 'The message at a physical offset, which is what its id says; code 1 when there is none.',
  headerClass: 'ViewMessageRequestHeader',
  header: {
    /** Since 5.0; what the client takes the message to be of. */
    topic: text().optional(),
    offset: long(),
    bname: text().optional(),
  },
  replyBody: bytesBody,
  access: [{ resource: 'topic', field: 'topic', action: 'GET' }],
});

export const queryRequests: readonly Row[] = [queryMessage, viewMessageById, queryConsumeQueue];
