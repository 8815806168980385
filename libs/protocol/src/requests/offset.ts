import { bool, int, long, text } from '../field.js';
import { request } from '../declaration.js';

export const queryConsumerOffset = request('QUERY_CONSUMER_OFFSET', {
  code: 14,
  server: 'broker',
  note: 'Committed offset of a group in a queue; 22 when there is none.',
  header: {
    consumerGroup: text(),
    topic: text(),
    queueId: int(),
    setZeroIfNotFound: bool().optional(),
    bname: text().optional(),
  },
  reply: { offset: long() },
  access: [{ resource: 'group', field: 'consumerGroup', action: 'SUB' }],
});
