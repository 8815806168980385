export { allocateQueues } from './allocate-queues.js';
export { allocateAveragely, allocateByCircle } from './averagely.js';
export { allocateByConfig } from './config.js';
export { allocateByConsistentHash } from './consistent-hash.js';
export { allocateByMachineRoom, allocateMachineRoomNearby } from './machine-room.js';
export { allocateFunctionOf, allocateStrategyProblem } from './strategy.js';
