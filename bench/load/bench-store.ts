import { configDefaults, silentLogger, systemClock } from '../../libs/common/src/index.js';
import {
  createMessageStore,
  nodeDisk,
  storeConfigTable,
  type Disk,
  type MessageStore,
  type StoreConfig,
} from '../../libs/store/src/index.js';

/** A store as a broker has it that is told nothing but where and, if at all, `changes`. Not started. */
export function createBenchStore(
  directory: string,
  disk: Disk = nodeDisk,
  changes: Partial<StoreConfig> = {},
): { readonly store: MessageStore; readonly config: StoreConfig } {
  const config = { ...configDefaults(storeConfigTable), storePathRootDir: directory, ...changes };
  return { config, store: createMessageStore(config, { clock: systemClock, log: silentLogger, disk }) };
}
