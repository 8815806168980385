import { unsupported, type Row } from '../declaration.js';

const slaves = 'slaves copy it: there is no replication';
const acting = 'acting-master and controller mode';
const timer = 'slaves copy the state of the timer: there is no replication';

export const replicationRequests: readonly Row[] = [
  unsupported('GET_ALL_CONSUMER_OFFSET', 43, 'broker', slaves),
  unsupported('GET_ALL_DELAY_OFFSET', 45, 'broker', slaves),
  unsupported('GET_TIMER_CHECK_POINT', 60, 'broker', timer),
  unsupported('GET_TIMER_METRICS', 61, 'broker', timer),
  unsupported('GET_BROKER_MEMBER_GROUP', 901, 'namesrv', acting),
  unsupported('ADD_BROKER', 902, 'container', 'several brokers in one container process'),
  unsupported('REMOVE_BROKER', 903, 'container', 'several brokers in one container process'),
  unsupported('BROKER_HEARTBEAT', 904, 'namesrv', acting),
  unsupported('NOTIFY_MIN_BROKER_ID_CHANGE', 905, 'broker', acting),
  unsupported('EXCHANGE_BROKER_HA_INFO', 906, 'broker', acting),
  unsupported('GET_BROKER_HA_STATUS', 907, 'broker', 'there is no replication'),
  unsupported('RESET_MASTER_FLUSH_OFFSET', 908, 'broker', acting),
];
