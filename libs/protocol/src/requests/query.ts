import { optionalBody, queryConsumeQueueBody } from '../bodies/index.js';
import { request, unsupported, type Row } from '../declaration.js';
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

const index = 'queries by key need the message index';

export const queryRequests: readonly Row[] = [
  unsupported('QUERY_MESSAGE', 12, 'broker', index),
  unsupported('VIEW_MESSAGE_BY_ID', 33, 'broker', 'reading single messages by id is not served'),
  queryConsumeQueue,
];
