import { unsupported, type Row } from '../declaration.js';

const plain = "access control by 4.9's plain_acl.yml";
const users = "users and permissions of 5.3's access control";

export const accessControlRequests: readonly Row[] = [
  unsupported('UPDATE_AND_CREATE_ACL_CONFIG', 50, 'broker', plain),
  unsupported('DELETE_ACL_CONFIG', 51, 'broker', plain),
  unsupported('GET_BROKER_CLUSTER_ACL_INFO', 52, 'broker', plain),
  unsupported('UPDATE_GLOBAL_WHITE_ADDRS_CONFIG', 53, 'broker', plain),
  unsupported('GET_BROKER_CLUSTER_ACL_CONFIG', 54, 'broker', plain),
  unsupported('AUTH_CREATE_USER', 3001, 'broker', users),
  unsupported('AUTH_UPDATE_USER', 3002, 'broker', users),
  unsupported('AUTH_DELETE_USER', 3003, 'broker', users),
  unsupported('AUTH_GET_USER', 3004, 'broker', users),
  unsupported('AUTH_LIST_USER', 3005, 'broker', users),
  unsupported('AUTH_CREATE_ACL', 3006, 'broker', users),
  unsupported('AUTH_UPDATE_ACL', 3007, 'broker', users),
  unsupported('AUTH_DELETE_ACL', 3008, 'broker', users),
  unsupported('AUTH_GET_ACL', 3009, 'broker', users),
  unsupported('AUTH_LIST_ACL', 3010, 'broker', users),
];
