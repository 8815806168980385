export * from './config.js';
export * from './contract.js';
export * from './message-store.js';
