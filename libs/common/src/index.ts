export * from './clock.js';
export * from './errors.js';
export * from './java-string-hash.js';
export * from './lifecycle.js';
export * from './logger.js';
export * from './config-table.js';
export * from './properties-text.js';
