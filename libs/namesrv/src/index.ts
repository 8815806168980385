export * from './config.js';
export * from './name-server.js';
export * from './read-namesrv-config.js';
