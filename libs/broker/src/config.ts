import { configTable } from '../../common/src/index.js';

// prettier-ignore
/** Keys of Apache's BrokerConfig and its Netty configuration that take effect here. */
export const brokerConfigTable = configTable({
  namesrvAddr: { kind: 'string', default: '', important: true, note: 'Name servers, host:port;host:port. Default: NAMESRV_ADDR.' },
  listenPort: { kind: 'int', default: 10911, min: 0, max: 65535, important: true, note: 'Port; 0 = a free one, and then no VIP port.' },
  bindAddress: { kind: 'string', default: '127.0.0.1', important: true, note: 'Address to bind; 0.0.0.0 for all. Default: brokerIP1 when that is set.' },
  brokerIP1: { kind: 'string', default: '127.0.0.1', important: true, note: 'Address to register with the name servers.' },
  brokerName: { kind: 'string', default: '', important: true, note: 'Default: the host name.' },
  brokerClusterName: { kind: 'string', default: 'DefaultCluster', important: true, note: 'Cluster it belongs to.' },
  brokerId: { kind: 'long', default: 0, min: 0, important: true, note: '0 is the master.' },
  autoCreateTopicEnable: { kind: 'boolean', default: true, live: true, important: true, note: 'Make topics at the first send.' },
});
