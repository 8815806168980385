export * from './command-decoder.js';
export * from './reply-decoder.js';
export { bodyRangeOf } from './scanned-command.js';
