import type { MessageQueue } from './contract/index.js';

/** Java's order of queues: topic, broker name, queue id. All members of a group must agree on it. */
export function compareQueues(a: MessageQueue, b: MessageQueue): number {
  return compareText(a.topic, b.topic) || compareText(a.brokerName, b.brokerName) || a.queueId - b.queueId;
}

/** `String.compareTo` of Java: by UTF-16 unit, never by locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Equal for equal queues. No name holds a line feed. */
export function queueKey(queue: MessageQueue): string {
  return `${queue.topic}\n${queue.brokerName}\n${queue.queueId}`;
}

export function describeQueue(queue: MessageQueue): string {
  return `${queue.topic}/${queue.brokerName}/${queue.queueId}`;
}

/** Sorted apart by broker, each in the order given. */
export function byBrokerName<T>(items: Iterable<T>, queueOf: (item: T) => MessageQueue): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const { brokerName } = queueOf(item);
    const group = groups.get(brokerName);
    if (group === undefined) groups.set(brokerName, [item]);
    else group.push(item);
  }
  return groups;
}
