/**
 * A name server without Nest: `createNameServer`.
 *
 * @module nestjs-rocketmq/namesrv
 */
export * from './config.js';
export * from './name-server.js';
export * from './read-namesrv-config.js';
