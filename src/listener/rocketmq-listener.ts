import type { RocketMQContext } from './rocketmq-context.js';

/** A class that `@RocketMQMessageListener` stands on. */
export interface RocketMQListener<T = unknown> {
  /** Resolved or returned = consumed; thrown or rejected = delivered again later. */
  onMessage(payload: T, context: RocketMQContext): void | Promise<void>;
}
