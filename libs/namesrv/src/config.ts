import { configTable, type ConfigOf } from '../../common/src/index.js';

// prettier-ignore
/** Keys of Apache's NamesrvConfig and its NettyServerConfig that take effect here. */
export const namesrvConfigTable = configTable({
  listenPort: { kind: 'int', default: 9876, min: 0, max: 65535, important: true, note: 'Port; 0 = a free one.' },
  bindAddress: { kind: 'string', default: '127.0.0.1', important: true, note: 'Address to bind; 0.0.0.0 for all.' },
  kvConfigPath: { kind: 'string', default: '', note: 'KV file; default ~/namesrv/kvConfig.json.' },
  configStorePath: { kind: 'string', default: '', note: 'Where live changes are kept; default ~/namesrv/namesrv.properties.' },
  orderMessageEnable: { kind: 'boolean', default: false, live: true, note: 'Routes carry the order configuration of their topic.' },
  returnOrderTopicConfigToBroker: { kind: 'boolean', default: true, live: true, note: 'Brokers get the order configuration of all topics when they register.' },
  enableAllTopicList: { kind: 'boolean', default: true, live: true, note: 'Answers requests for the names of all topics (206).' },
  enableTopicList: { kind: 'boolean', default: true, live: true, note: 'Answers requests for the topics of a cluster and for unit topics (224, 311 to 313).' },
  scanNotActiveBrokerInterval: { kind: 'long', default: 5000, min: 10, max: 600_000, unit: 'ms', note: 'How often brokers that are silent for too long are looked for.' },
  serverChannelMaxIdleTimeSeconds: { kind: 'int', default: 120, min: 1, max: 86_400, unit: 's', note: 'Connections without a frame for this long are closed.' },
});

/** A complete configuration, whatever of it was given. */
export type NamesrvConfig = ConfigOf<typeof namesrvConfigTable>;
