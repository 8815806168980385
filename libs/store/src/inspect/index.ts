export * from './dump-records.js';
export * from './inspect-store.js';
export * from './verify-store.js';
export type { StoreFinding } from './findings.js';
export type { LogDamage } from './log-walk.js';
export type { StoreLocation } from './store-files.js';
export type { IndexShape } from './index-view.js';
