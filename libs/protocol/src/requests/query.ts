import { unsupported, type Row } from '../declaration.js';

const index = 'queries by key need the message index';

export const queryRequests: readonly Row[] = [
  unsupported('QUERY_MESSAGE', 12, 'broker', index),
  unsupported('VIEW_MESSAGE_BY_ID', 33, 'broker', 'reading single messages by id is not served'),
  unsupported('QUERY_CONSUME_QUEUE', 321, 'broker', 'reading consume queue entries is not served'),
];
