import type { Clock, ConfigOf, Lifecycle, Logger } from '../../common/src/index.js';
import type { StoreConfig } from '../../store/src/index.js';
import type { brokerConfigTable } from './config.js';

export type BrokerConfig = ConfigOf<typeof brokerConfigTable> & StoreConfig;

export interface Broker extends Lifecycle {
  readonly brokerName: string;
  /** "ip:port" that it registers with the name servers, once started. */
  readonly address: string;
  readonly port: number;
  /** Undefined while healthy; otherwise what is wrong. */
  readonly unavailable: string | undefined;
}

export declare function createBroker(config?: Partial<BrokerConfig>, ports?: { clock?: Clock; log?: Logger }): Broker;
