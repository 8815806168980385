/**
 * A broker without Nest: `createBroker`.
 *
 * @module nestjs-rocketmq/broker
 */
export * from './broker.js';
export { allBrokerKeys, resolveBrokerConfig, type BrokerConfig } from './broker-config.js';
export * from './config.js';
export type { FilteredMessage } from './filter/filtered-message.js';
export type { MessageFilter, MessageFilterFigures, NamedMessageFilters } from './filter/message-filters.js';
export * from './read-broker-config.js';
export type {
  Clock,
  ConfigItem,
  ConfigKey,
  ConfigOf,
  ConfigValue,
  LogContext,
  Logger,
  Timer,
} from '../../common/src/index.js';
export type { StoreConfig } from '../../store/src/index.js';
