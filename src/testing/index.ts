/**
 * Real servers for tests of an application, and a template that sends nowhere.
 *
 * @module nestjs-rocketmq/testing
 */
import 'reflect-metadata';

export { FakeRocketMQTemplate, type FakeTemplateOptions, type SentMessage } from './fake-rocketmq-template.js';
export { RocketMQTestingModule, type RocketMQTestingOptions } from './rocketmq-testing-module.js';
export { type CollectedMessage, type CollectOptions, RocketMQTesting, type WaitOptions } from './rocketmq-testing.js';
export { TestServers } from './test-servers.js';
export type { ServerEntries } from '../hosting/server-options.js';
