import type { Clock, ConfigOf, Lifecycle, Logger } from '../../common/src/index.js';
import type { namesrvConfigTable } from './config.js';

export type NamesrvConfig = ConfigOf<typeof namesrvConfigTable>;

export interface NameServer extends Lifecycle {
  /** "ip:port" clients can reach it at, once started. */
  readonly address: string;
  readonly port: number;
}

export declare function createNameServer(
  config?: Partial<NamesrvConfig>,
  ports?: { clock?: Clock; log?: Logger },
): NameServer;
