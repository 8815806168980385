export type * from './admin.js';
export type * from './allocation.js';
export type * from './client.js';
export type * from './lite-pull-consumer.js';
export type * from './message.js';
export type * from './producer.js';
export type * from './pull-consumer.js';
export type * from './push-consumer.js';
