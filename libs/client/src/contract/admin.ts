import type { MessageQueue } from './message.js';

/** Administrative calls every client has in Java (MQAdmin), and those the Nest face needs. */
export interface Admin {
  createTopic(name: string, options?: { readQueues?: number; writeQueues?: number; perm?: number }): Promise<void>;
  topicExists(topic: string): Promise<boolean>;
  searchOffset(queue: MessageQueue, timestamp: number): Promise<number>;
  maxOffset(queue: MessageQueue): Promise<number>;
  minOffset(queue: MessageQueue): Promise<number>;
  earliestMsgStoreTime(queue: MessageQueue): Promise<number>;
}
