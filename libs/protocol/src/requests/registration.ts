import { dataVersionBody, kvTableBody, optionalBody, registerBrokerBody } from '../bodies/index.js';
import { request, type Row } from '../declaration.js';
import { bool, int, long, text } from '../field.js';

const brokerAccess = [{ resource: 'cluster', field: 'clusterName', action: 'UPDATE' }] as const;

const broker = { brokerName: text(), brokerAddr: text(), clusterName: text() };

export const registerBroker = request('REGISTER_BROKER', {
  code: 103,
  server: 'namesrv',
  note: 'A broker reports itself and its topics, or some of them.',
  headerClass: 'RegisterBrokerRequestHeader',
  header: {
    ...broker,
    haServerAddr: text(),
    /** 0 is the master. */
    brokerId: long(),
    /** Since 5.0: how long without news until the broker is dropped. */
    heartbeatTimeoutMillis: long().optional(),
    enableActingMaster: bool().optional(),
    /** Not to be trusted: 5.x brokers send false whatever the body is. */
    compressed: bool().or(false),
    /** messageCrc of the body; 0 is not checked. */
    bodyCrc32: int().or(0),
  },
  /** Filled for slaves whose master is alive. */
  replyClass: 'RegisterBrokerResponseHeader',
  reply: { haServerAddr: text().optional(), masterAddr: text().optional() },
  requestBody: optionalBody(registerBrokerBody),
  /** Ordered topics: the KV namespace ORDER_TOPIC_CONFIG. */
  replyBody: optionalBody(kvTableBody),
  access: brokerAccess,
});

export const unregisterBroker = request('UNREGISTER_BROKER', {
  code: 104,
  server: 'namesrv',
  note: 'A broker is going.',
  headerClass: 'UnRegisterBrokerRequestHeader',
  header: { ...broker, brokerId: long() },
  access: brokerAccess,
});

export const queryDataVersion = request('QUERY_DATA_VERSION', {
  code: 322,
  server: 'namesrv',
  note: 'Asks whether a registration would change anything; counts as a sign of life.',
  headerClass: 'QueryDataVersionRequestHeader',
  header: { ...broker, brokerId: long() },
  replyClass: 'QueryDataVersionResponseHeader',
  reply: { changed: bool() },
  requestBody: dataVersionBody,
  replyBody: optionalBody(dataVersionBody),
  access: brokerAccess,
});

export const registrationRequests: readonly Row[] = [registerBroker, unregisterBroker, queryDataVersion];
