/**
 * A name server without Nest: `createNameServer`.
 *
 * @module nestjs-rocketmq/namesrv
 */
export * from './config.js';
export * from './name-server.js';
export * from './read-namesrv-config.js';
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
