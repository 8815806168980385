export * from './config.js';
export * from './name-server.js';
