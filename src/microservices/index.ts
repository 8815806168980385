/**
 * A transport for Nest's microservices. Needs `@nestjs/microservices`.
 *
 * @module nestjs-rocketmq/microservices
 */
import 'reflect-metadata';

export { RocketMQMicroserviceModule } from './rocketmq-microservice-module.js';
export { RocketMQMicroserviceOptions } from './microservice-options.js';
export { RocketMQServer } from './rocketmq-server.js';
export { RocketMQClient, type RocketMQClientOptions } from './rocketmq-client.js';
export { RocketMQRecord, type RocketMQRecordOptions } from './rocketmq-record.js';
export type { PatternOptions } from './pattern-options.js';
export { rocketMQTransport } from './transport-id.js';
