/**
 * Producers, consumers and admin calls without Nest: `createClient`.
 *
 * @module nestjs-rocketmq/client
 */
export * from './client.js';
export * from './contract/index.js';
export {
  allocateByConfig,
  allocateByConsistentHash,
  allocateByMachineRoom,
  allocateMachineRoomNearby,
} from './consumer/allocation/index.js';
export { checkMessage } from './producer/message-check.js';
export { splitBatch } from './producer/split-batch.js';
export { selectQueueByHash, selectQueueByMachineRoom, selectQueueByRandom } from './producer/queue-selectors.js';
export {
  type Clock,
  type ErrorCode,
  type LogContext,
  type Logger,
  RocketMQError,
  type Timer,
} from '../../common/src/index.js';
export { ResponseError } from '../../protocol/src/index.js';
