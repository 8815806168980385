export * from './broker.js';
export * from './config.js';
export * from './read-broker-config.js';
