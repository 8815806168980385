import { unsupported, type Row } from '../declaration.js';

const mode = 'controller mode';
const jraft = 'controller mode on JRaft';
const dledger = 'DLedger: Raft between the brokers of a group, on a port of its own';

export const controllerRequests: readonly Row[] = [
  unsupported('CONTROLLER_ALTER_SYNC_STATE_SET', 1001, 'controller', mode),
  unsupported('CONTROLLER_ELECT_MASTER', 1002, 'controller', mode),
  unsupported('CONTROLLER_REGISTER_BROKER', 1003, 'controller', mode),
  unsupported('CONTROLLER_GET_REPLICA_INFO', 1004, 'controller', mode),
  unsupported('CONTROLLER_GET_METADATA_INFO', 1005, 'controller', mode),
  unsupported('CONTROLLER_GET_SYNC_STATE_DATA', 1006, 'controller', mode),
  unsupported('GET_BROKER_EPOCH_CACHE', 1007, 'broker', mode),
  unsupported('NOTIFY_BROKER_ROLE_CHANGED', 1008, 'broker', mode),
  unsupported('UPDATE_CONTROLLER_CONFIG', 1009, 'controller', mode),
  unsupported('GET_CONTROLLER_CONFIG', 1010, 'controller', mode),
  unsupported('CLEAN_BROKER_DATA', 1011, 'controller', mode),
  unsupported('CONTROLLER_GET_NEXT_BROKER_ID', 1012, 'controller', mode),
  unsupported('CONTROLLER_APPLY_BROKER_ID', 1013, 'controller', mode),
  unsupported('BROKER_CLOSE_CHANNEL_REQUEST', 1014, 'controller', jraft),
  unsupported('CHECK_NOT_ACTIVE_BROKER_REQUEST', 1015, 'controller', jraft),
  unsupported('GET_BROKER_LIVE_INFO_REQUEST', 1016, 'controller', jraft),
  unsupported('GET_SYNC_STATE_DATA_REQUEST', 1017, 'controller', jraft),
  unsupported('RAFT_BROKER_HEART_BEAT_EVENT_REQUEST', 1018, 'controller', jraft),
  unsupported('DLEDGER_METADATA', 50000, 'dledger', dledger),
  unsupported('DLEDGER_APPEND', 50001, 'dledger', dledger),
  unsupported('DLEDGER_GET', 50002, 'dledger', dledger),
  unsupported('DLEDGER_VOTE', 51001, 'dledger', dledger),
  unsupported('DLEDGER_HEART_BEAT', 51002, 'dledger', dledger),
  unsupported('DLEDGER_PULL', 51003, 'dledger', dledger),
  unsupported('DLEDGER_PUSH', 51004, 'dledger', dledger),
  unsupported('DLEDGER_LEADERSHIP_TRANSFER', 51005, 'dledger', dledger),
];
