export * from './offset.js';
