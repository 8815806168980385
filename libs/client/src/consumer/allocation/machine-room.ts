import { RocketMQError } from '../../../../common/src/index.js';
import type { AllocateFunction, AllocateStrategy, MachineRoomResolver, MessageQueue } from '../../contract/index.js';
import { compareText } from '../../message-queue.js';
import { roomOfBroker } from '../../machine-room.js';
import { allocateFunctionOf } from './strategy.js';

/**
 * MACHINE_ROOM: queues of brokers named `room@name` in one of the rooms are shared, what does not divide one by one after
 * the rest. Queues elsewhere are nobody's.
 */
export function allocateByMachineRoom(rooms: Iterable<string>): AllocateFunction {
  const own = new Set(rooms);
  return (clientId, queues, members) => {
    const index = members.indexOf(clientId);
    if (index < 0) return [];
    const near = queues.filter(({ brokerName }) => {
      const room = roomOfBroker(brokerName);
      return room !== undefined && own.has(room);
    });
    const share = Math.floor(near.length / members.length);
    const rest = near.length % members.length;
    const extra = index < rest ? near.slice(share * members.length + index).slice(0, 1) : [];
    return [...near.slice(share * index, share * (index + 1)), ...extra];
  };
}

/**
 * MACHINE_ROOM_NEARBY: queues of a room are shared among the members in it, by `inner`; those of a room without members
 * among all members.
 *
 * @throws RocketMQError ARGUMENT_INVALID, when it allocates, where the resolver names no room.
 */
export function allocateMachineRoomNearby(inner: AllocateStrategy, resolver: MachineRoomResolver): AllocateFunction {
  const allocate = allocateFunctionOf(inner);
  return (clientId, queues, members) => {
    if (!members.includes(clientId)) return [];
    const queuesByRoom = byRoom(queues, (queue) => resolver.brokerDeployIn(queue), describeBroker);
    const membersByRoom = byRoom(
      members,
      (member) => resolver.consumerDeployIn(member),
      (member) => `member ${member}`,
    );
    const ownRoom = resolver.consumerDeployIn(clientId);
    const near = queuesByRoom.get(ownRoom) ?? [];
    const allocated = near.length > 0 ? [...allocate(clientId, near, membersByRoom.get(ownRoom) ?? [])] : [];
    for (const room of [...queuesByRoom.keys()].toSorted(compareText)) {
      if (!membersByRoom.has(room)) allocated.push(...allocate(clientId, queuesByRoom.get(room) ?? [], members));
    }
    return allocated;
  };
}

function byRoom<T>(
  items: readonly T[],
  roomOf: (item: T) => string,
  describe: (item: T) => string,
): ReadonlyMap<string, T[]> {
  const rooms = new Map<string, T[]>();
  for (const item of items) {
    const room: unknown = roomOf(item);
    if (typeof room !== 'string' || room === '') {
      throw new RocketMQError(
        'ARGUMENT_INVALID',
        `the machine room resolver names no room for ${describe(item)}; it must answer with a text that is not empty`,
      );
    }
    const known = rooms.get(room);
    if (known === undefined) rooms.set(room, [item]);
    else known.push(item);
  }
  return rooms;
}

function describeBroker({ brokerName }: MessageQueue): string {
  return `broker ${brokerName}`;
}
