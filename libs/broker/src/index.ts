export * from './broker.js';
export { allBrokerKeys, resolveBrokerConfig, type BrokerConfig } from './broker-config.js';
export * from './config.js';
export * from './read-broker-config.js';
