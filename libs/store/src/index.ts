export * from './config.js';
export * from './contract.js';
export { DelayLevels } from './delay-levels.js';
export * from './disk/disk.js';
export { nodeDisk } from './disk/node-disk.js';
export * from './inspect/index.js';
export * from './message-store.js';
export * from './timer/index.js';
export * from './config-no-effect.js';
