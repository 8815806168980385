import { RocketMQError } from '../../../common/src/index.js';
import type { MessageQueue, OutgoingMessage, QueueSelector } from '../contract/index.js';
import { roomOfBroker } from '../machine-room.js';
import { queueByHash } from './queue-choice.js';

/** Same key, same queue, while their number stays: Java's SelectMessageQueueByHash. */
export function selectQueueByHash(keyOf: string | ((message: OutgoingMessage) => string)): QueueSelector {
  return (queues, message) => queueByHash(queues, typeof keyOf === 'string' ? keyOf : keyOf(message));
}

/**
 * A queue by chance, for each message.
 *
 * @param random in [0, 1), as Math.random
 */
export function selectQueueByRandom(random: () => number = Math.random): QueueSelector {
  return (queues) => queues[Math.floor(random() * queues.length)] as MessageQueue;
}

/**
 * Round robin over the queues of brokers named `room@name` whose room is one of these. Java's selector of this name chooses
 * nothing at all.
 *
 * @throws RocketMQError BROKER_UNAVAILABLE, when it chooses, where there is no such broker.
 */
export function selectQueueByMachineRoom(rooms: Iterable<string>): QueueSelector {
  const own = new Set(rooms);
  let position = 0;
  return (queues) => {
    const near = queues.filter(({ brokerName }) => {
      const room = roomOfBroker(brokerName);
      return room !== undefined && own.has(room);
    });
    position = (position + 1) % Number.MAX_SAFE_INTEGER;
    const chosen = near[position % near.length];
    if (chosen !== undefined) return chosen;
    const brokers = [...new Set(queues.map(({ brokerName }) => brokerName))].slice(0, 10).join(', ');
    throw new RocketMQError(
      'BROKER_UNAVAILABLE',
      `no broker named room@name is in ${[...own].join(', ') || 'no room at all'}; the topic is on ${brokers}`,
    );
  };
}
