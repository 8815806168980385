import type { RocketMQOutcome } from './outcome.js';
import type { RocketMQContext } from './rocketmq-context.js';

/** A class that `@RocketMQMessageListener` or `@RocketMQDlqListener` stands on. */
export interface RocketMQListener<T = unknown> {
  /** Resolved or returned = consumed, unless an outcome says something else; thrown or rejected = delivered again later. */
  onMessage(payload: T, context: RocketMQContext): void | RocketMQOutcome | Promise<void | RocketMQOutcome>;
}

/** A class that `@RocketMQReplyListener` stands on. */
export interface RocketMQReplyHandler<T = unknown, R = unknown> {
  /** What it returns is the reply. */
  onMessage(payload: T, context: RocketMQContext): R | Promise<R>;
}
