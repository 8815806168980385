import { configTable } from '../../common/src/index.js';

// prettier-ignore
/** Keys of Apache's NamesrvConfig and its NettyServerConfig that take effect here. */
export const namesrvConfigTable = configTable({
  listenPort: { kind: 'int', default: 9876, min: 0, max: 65535, important: true, note: 'Port; 0 = a free one.' },
  bindAddress: { kind: 'string', default: '127.0.0.1', important: true, note: 'Address to bind; 0.0.0.0 for all.' },
  kvConfigPath: { kind: 'string', default: '', note: 'KV file; default ~/namesrv/kvConfig.json.' },
  configStorePath: { kind: 'string', default: '', note: 'Where live changes are kept; default ~/namesrv/namesrv.properties.' },
});
