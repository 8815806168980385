export * from './config.js';
export * from './contract.js';
export * from './message-store.js';
export * from './config-no-effect.js';
