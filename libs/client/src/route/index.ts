export * from './route-cache.js';
export * from './topic-route.js';
