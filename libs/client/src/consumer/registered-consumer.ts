import type { ConsumerRunningInfo } from '../../../protocol/src/index.js';

/** A consumer as the client knows it, under its group's name. */
export interface RegisteredConsumer {
  readonly consumerGroup: string;
  /** Topics whose routes it needs. */
  subscribedTopics(): readonly string[];
  /** A route or the group's members changed. */
  wake(): void;
  /** What it is doing, for operators; undefined before its start. */
  runningInfo(): ConsumerRunningInfo | undefined;
}
