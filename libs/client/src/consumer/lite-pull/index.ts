export { PollingConsumer } from './lite-pull-consumer.js';
