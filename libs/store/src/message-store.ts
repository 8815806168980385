import type { Clock, ConfigOf, Logger } from '../../common/src/index.js';
import type { MessageStore } from './contract.js';
import type { storeConfigTable } from './config.js';

export type StoreConfig = ConfigOf<typeof storeConfigTable>;

export interface StorePorts {
  readonly clock: Clock;
  readonly log: Logger;
}

export declare function createMessageStore(config: StoreConfig, ports: StorePorts): MessageStore;
