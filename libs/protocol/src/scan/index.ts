export * from './command-decoder.js';
export * from './reply-decoder.js';
