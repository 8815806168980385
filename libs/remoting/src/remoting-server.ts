import type { Lifecycle } from '../../common/src/index.js';
import type { Connection } from './connection.js';
import type { ServerOptions } from './options.js';

export interface RemotingServer extends Lifecycle {
  /** The bound port, once started. */
  readonly port: number;
  readonly connections: ReadonlySet<Connection>;
}

export declare function createRemotingServer(options: ServerOptions): RemotingServer;
