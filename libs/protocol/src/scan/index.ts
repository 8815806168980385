export * from './command-decoder.js';
