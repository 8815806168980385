export * from './reader.js';
export * from './shape.js';
export * from './value.js';
export * from './writer.js';
