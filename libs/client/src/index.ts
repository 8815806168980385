export * from './client.js';
export * from './contract/index.js';
export {
  allocateByConfig,
  allocateByConsistentHash,
  allocateByMachineRoom,
  allocateMachineRoomNearby,
} from './consumer/allocation/index.js';
