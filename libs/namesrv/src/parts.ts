import type { Logger } from '../../common/src/index.js';
import type { NamesrvConfig } from './config.js';
import type { KvConfig } from './kv-config.js';
import type { LiveConfig } from './live-config.js';
import type { RouteTable } from './route-table.js';

/** What handlers may need. Each takes the parts it names and no others. */
export interface NamesrvParts {
  /** In force: live changes show here. */
  readonly config: Readonly<NamesrvConfig>;
  readonly liveConfig: LiveConfig;
  readonly routes: RouteTable;
  readonly kv: KvConfig;
  readonly log: Logger;
}
