import { RocketMQError, javaStringHash } from '../../../common/src/index.js';
import type { MessageQueue, OutgoingMessage, QueueSelector } from '../contract/index.js';
import { describeQueue } from '../message-queue.js';

/**
 * Round robin over the queues of a topic. After a failure, the next queue of another broker, if there is one.
 */
export class QueueRotation {
  #position: number;

  constructor(start = Math.floor(Math.random() * 2 ** 20)) {
    this.#position = start;
  }

  next(queues: readonly MessageQueue[], avoidBroker?: string): MessageQueue {
    for (let tried = 0; tried < queues.length; tried++) {
      const queue = this.#step(queues);
      if (queue.brokerName !== avoidBroker) return queue;
    }
    return this.#step(queues);
  }

  /** The next queue of a broker that will do; undefined when none will. */
  nextWhere(queues: readonly MessageQueue[], willDo: (brokerName: string) => boolean): MessageQueue | undefined {
    for (let tried = 0; tried < queues.length; tried++) {
      const queue = this.#step(queues);
      if (willDo(queue.brokerName)) return queue;
    }
    return undefined;
  }

  #step(queues: readonly MessageQueue[]): MessageQueue {
    this.#position = (this.#position + 1) % Number.MAX_SAFE_INTEGER;
    return queues[this.#position % queues.length] as MessageQueue;
  }
}

/** SelectMessageQueueByHash: remainder first, sign dropped after, so that every hash has its queue. */
export function queueByHash(queues: readonly MessageQueue[], key: string): MessageQueue {
  // A number would hash to nothing at all, and every key to one queue.
  if (typeof key !== 'string') throw new RocketMQError('ARGUMENT_INVALID', 'SendOptions.hashKey must be a text');
  return queues[Math.abs(javaStringHash(key) % queues.length)] as MessageQueue;
}

/** @throws RocketMQError ARGUMENT_INVALID when the selector answers with something else than one of the queues. */
export function queueBySelector(
  queues: readonly MessageQueue[],
  message: OutgoingMessage,
  selector: QueueSelector,
): MessageQueue {
  const chosen: MessageQueue | undefined = selector(queues, message);
  const queue = queues.find((q) => q.brokerName === chosen?.brokerName && q.queueId === chosen.queueId);
  if (queue !== undefined) return queue;
  const got = chosen === undefined ? 'nothing' : describeQueue(chosen);
  throw new RocketMQError('ARGUMENT_INVALID', `the selector chose ${got}, which is none of the queues it was given`);
}
