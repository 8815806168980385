import type { ConsumeDirectly, ConsumerRunningInfo } from '../../../protocol/src/index.js';
import type { MessageQueue } from '../contract/index.js';

/** A queue and an offset in it. */
export type QueueOffset = readonly [MessageQueue, number];

/** A consumer as the client knows it, under its group's name. */
export interface RegisteredConsumer {
  readonly consumerGroup: string;
  /** Topics whose routes it needs. */
  subscribedTopics(): readonly string[];
  /** A route or the group's members changed. */
  wake(): void;
  /** What it is doing, for operators, with a text of the handlers at work when asked for; undefined before its start. */
  runningInfo(withHandlers: boolean): ConsumerRunningInfo | undefined;
  /** Goes on with those of the queues that it holds at other offsets. Absent where the application says where to read. */
  resetOffsets?(topic: string, offsets: readonly QueueOffset[]): void;
  /** How far it has come in the queues of a topic. */
  offsetsOf?(topic: string): QueueOffset[];
  /** Hands one message, given as its record, to the handler, outside of all queues. Absent where there is no handler. */
  consumeDirectly?(record: Buffer, brokerName: string): Promise<ConsumeDirectly>;
}
