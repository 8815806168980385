import 'reflect-metadata';

export { RocketMQTestingModule, type RocketMQTestingOptions } from './rocketmq-testing-module.js';
export { type CollectedMessage, type CollectOptions, RocketMQTesting, type WaitOptions } from './rocketmq-testing.js';
export { TestServers } from './test-servers.js';
