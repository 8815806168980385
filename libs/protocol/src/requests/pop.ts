import { unsupported, type Row } from '../declaration.js';

const pop = 'POP consumption';
const assignment = 'queue assignment by the broker: clients rebalance themselves';

export const popRequests: readonly Row[] = [
  unsupported('POP_MESSAGE', 200050, 'broker', pop),
  unsupported('ACK_MESSAGE', 200051, 'broker', pop),
  unsupported('BATCH_ACK_MESSAGE', 200151, 'broker', pop),
  unsupported('PEEK_MESSAGE', 200052, 'broker', pop),
  unsupported('CHANGE_MESSAGE_INVISIBLETIME', 200053, 'broker', pop),
  unsupported('NOTIFICATION', 200054, 'broker', pop),
  unsupported('POLLING_INFO', 200055, 'broker', pop),
  unsupported('POP_ROLLBACK', 200056, 'broker', pop),
  unsupported('QUERY_ASSIGNMENT', 400, 'broker', assignment),
  unsupported('SET_MESSAGE_REQUEST_MODE', 401, 'broker', assignment),
  unsupported('GET_ALL_MESSAGE_REQUEST_MODE', 402, 'broker', assignment),
];
