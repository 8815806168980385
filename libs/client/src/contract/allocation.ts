import type { MessageQueue } from './message.js';

/**
 * Which queues of a topic one member of a group consumes. Every member decides alone, so the function must be pure and the
 * same at all of them, whatever they are written in.
 *
 * @param queues of one topic, sorted as Java sorts them, at least one
 * @param members client ids of the group, sorted by UTF-16 unit; `clientId` is among them
 */
export type AllocateFunction = (
  clientId: string,
  queues: readonly MessageQueue[],
  members: readonly string[],
) => readonly MessageQueue[];

/** Java's name of a strategy that has nothing to be set. */
export type AllocateStrategyName = 'AVG' | 'AVG_BY_CIRCLE' | 'CONSISTENT_HASH';

/**
 * By name, or as a function: one of your own, or what `allocateByConfig`, `allocateByMachineRoom`,
 * `allocateMachineRoomNearby` and `allocateByConsistentHash` make.
 */
export type AllocateStrategy = AllocateStrategyName | AllocateFunction;

/** Tells where queues and members are. Neither may answer with an empty text. */
export interface MachineRoomResolver {
  /** The room of the broker that has the queue. */
  brokerDeployIn(queue: MessageQueue): string;
  /** The room of the member with this client id. */
  consumerDeployIn(clientId: string): string;
}
